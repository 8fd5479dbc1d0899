import { expect } from 'chai'
import type { PipelineEvent, StoredEvent } from '../../../domain/events/event.ts'
import {
  pipelineStream,
  type PipelineId,
  type Position,
  type StreamId,
} from '../../../domain/ids.ts'
import { canonicalJson } from '../../../domain/json.ts'
import { limits } from '../../../domain/limits.ts'
import type { EventLog } from '../../../domain/log/event-log.ts'
import { pipelineEvent, pipelineEvents } from '../events.ts'
import { expectChain, newPipeline, storedBy, streamOfPipeline, type Tools } from './tools.ts'

export function describeReading({ log, append }: Tools): void {
  describe('reading a stream of ten events', () => {
    let streamId: StreamId
    before(async () => {
      const pipelineId = newPipeline()
      streamId = pipelineStream(pipelineId)
      const events = pipelineEvents(10, { pipelineId })
      await append(events.slice(0, 4), 0)
      await append(pipelineEvents(3, { pipelineId: newPipeline() }), 0)
      await append(events.slice(4), 4)
    })

    const cases = [
      { range: { limit: 100 }, gives: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
      { range: { limit: 3 }, gives: [1, 2, 3] },
      { range: { after: 4, limit: 3 }, gives: [5, 6, 7] },
      { range: { after: 8, limit: 3 }, gives: [9, 10] },
      { range: { after: 10, limit: 3 }, gives: [] },
      { range: { after: 99, limit: 3 }, gives: [] },
      { range: { before: 3, limit: 10 }, gives: [1, 2] },
      { range: { after: 2, before: 6, limit: 10 }, gives: [3, 4, 5] },
      { range: { after: 5, before: 6, limit: 10 }, gives: [] },
      { range: { direction: 'backward', limit: 3 }, gives: [10, 9, 8] },
      { range: { direction: 'backward', limit: 100 }, gives: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] },
      { range: { direction: 'backward', before: 8, limit: 3 }, gives: [7, 6, 5] },
      { range: { direction: 'backward', before: 99, limit: 2 }, gives: [10, 9] },
      { range: { direction: 'backward', before: 1, limit: 3 }, gives: [] },
      { range: { direction: 'backward', after: 7, limit: 9 }, gives: [10, 9, 8] },
      { range: { direction: 'backward', after: 2, before: 6, limit: 2 }, gives: [5, 4] },
    ] as { range: Parameters<EventLog['readStream']>[1]; gives: number[] }[]
    for (const { range, gives } of cases) {
      it(`gives revisions [${gives.join(', ')}] for ${JSON.stringify(range)}`, async () => {
        const read = await log().readStream(streamId, range)
        expect(read.map(({ revision }) => revision)).to.deep.equal(gives)
      })
    }
  })

  describe('reading all streams', () => {
    it('gives the events after a position in the order they were appended, page by page', async () => {
      const start = await log().head()
      const [one, other] = [newPipeline(), newPipeline()]
      const stored: StoredEvent[] = []
      for (let i = 0; i < 4; i++) {
        for (const pipelineId of [one, other]) {
          const events = pipelineEvents(2, { pipelineId, seq: 2 * i + 1 })
          stored.push(...storedBy(await append(events, 2 * i)))
        }
      }
      expect(await log().readAll(start, 100)).to.deep.equal(stored)
      expect(await log().readAll((start + 5) as Position, 4)).to.deep.equal(stored.slice(5, 9))
      expect(await log().readAll(await log().head(), 100)).to.deep.equal([])
    })
  })
}

export function describeContents({ log, append }: Tools): void {
  const written = async (payload: unknown) => {
    const event = pipelineEvent({ pipelineId: newPipeline(), payload })
    const [stored] = storedBy(await append([event], 0))
    const [read] = await log().readStream(streamOfPipeline(event), { limit: 1 })
    expect(read).to.deep.equal(stored)
    expect(read!.event).to.deep.equal(event)
    expectChain([read!])
  }

  describe('what an event holds', () => {
    it('comes back as it went in: texts of every kind', () =>
      written({
        'quote " and \\ backslash': 'line\nfeed\ttab\r\u2028\u0001\u007f',
        'ünïcødé 𝒳 🏞️': ['\\u0000', '\\n', "'; DROP TABLE log.event; --", '{}', '', 'NULL', '"'],
      }))

    it('comes back as it went in: numbers, nesting, and keys in an order of their own', () =>
      written({
        z: [0, -1, 0.1, 1e21, 5e-324, Number.MAX_SAFE_INTEGER, 123456.789],
        a: { '10': null, '9': true, b: { c: [[[{ d: false }]]] } },
      }))

    it('may be as large as an event may be, several of them in one append', async function () {
      this.timeout(60_000)
      const pipelineId = newPipeline()
      const events = [1, 2, 3].map((seq) => eventOfSize(limits.eventBytes, pipelineId, seq))
      const stored = storedBy(await append(events, 0))
      const read = await log().readStream(pipelineStream(pipelineId), { limit: 10 })
      expect(read).to.deep.equal(stored)
      expect(read.map(({ event }) => event)).to.deep.equal(events)
      expectChain(read)
    })
  })
}

/** An event whose canonical JSON has exactly so many bytes, in characters of all lengths. */
function eventOfSize(bytes: number, pipelineId: PipelineId, seq: number): PipelineEvent {
  const withText = (text: string) => pipelineEvent({ pipelineId, seq, payload: { text } })
  const sizeOf = (event: PipelineEvent) => Buffer.byteLength(canonicalJson(event))
  const text = 'aé€🏞\\"\n'.repeat(1_000)
  const room = bytes - sizeOf(withText(text))
  const event = withText(text + 'x'.repeat(room))
  expect(sizeOf(event)).to.equal(bytes)
  return event
}
