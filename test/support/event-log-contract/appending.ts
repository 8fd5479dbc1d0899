import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import { pipelineStream, teamStream, type Revision, type TeamId } from '../../../domain/ids.ts'
import { AppendRefused } from '../../../domain/log/event-log.ts'
import { CHAIN_START } from '../../../domain/log/hash-chain.ts'
import { EVENTS_START_MS, pipelineEvent, pipelineEvents, teamEvent } from '../events.ts'
import {
  conflict,
  expectChain,
  newPipeline,
  storedBy,
  streamOfPipeline,
  type Tools,
} from './tools.ts'

export function describeAppending({ log, append, setTime }: Tools): void {
  describe('a stream that does not exist', () => {
    it('has no events, and a head of revision 0 and 64 zeros', async () => {
      const streamId = pipelineStream(newPipeline())
      expect(await log().readStream(streamId, { limit: 10 })).to.deep.equal([])
      expect(await log().streamHead(streamId)).to.deep.equal({ revision: 0, hash: CHAIN_START })
    })

    it('answers a revision other than 0 as a conflict with 0', async () => {
      const [event] = pipelineEvents(1, { pipelineId: newPipeline() })
      expect(await append([event!], 3)).to.deep.equal(conflict(0))
      expect(await log().streamHead(streamOfPipeline(event!))).to.include({ revision: 0 })
    })
  })

  describe('an append at the expected revision', () => {
    it('takes the next revisions and positions and continues the hash chain', async () => {
      const pipelineId = newPipeline()
      const [a, b, c] = pipelineEvents(3, { pipelineId }) as [
        PipelineEvent,
        PipelineEvent,
        PipelineEvent,
      ]
      const before = await log().head()
      setTime(EVENTS_START_MS + 1)
      const first = storedBy(await append([a, b], 0))
      setTime(EVENTS_START_MS + 2)
      const second = storedBy(await append([c], 2))

      const stored = [...first, ...second]
      expect(stored.map((one) => one.event)).to.deep.equal([a, b, c])
      expect(stored.map((one) => one.revision)).to.deep.equal([1, 2, 3])
      expect(stored.map((one) => one.position)).to.deep.equal([before + 1, before + 2, before + 3])
      expect(stored.map((one) => one.recordedAt)).to.deep.equal([
        '2025-11-25T12:00:00.001Z',
        '2025-11-25T12:00:00.001Z',
        '2025-11-25T12:00:00.002Z',
      ])
      expectChain(stored)
      expect(await log().readStream(pipelineStream(pipelineId), { limit: 10 })).to.deep.equal(
        stored,
      )
      expect(await log().streamHead(pipelineStream(pipelineId))).to.deep.equal({
        revision: 3,
        hash: stored[2]!.hash,
      })
      expect(await log().head()).to.equal(before + 3)
    })

    it('keeps events of the server, which no replica made', async () => {
      const teamId = randomUUID() as TeamId
      const events = [teamEvent(teamId, 1), teamEvent(teamId, 2)]
      const stored = storedBy(await append(events, 0))
      expect(await log().readStream(teamStream(teamId), { limit: 10 })).to.deep.equal(stored)
      expect(stored.map((one) => one.event)).to.deep.equal(events)
      expectChain(stored)
    })

    it('never lets recordedAt run backwards in a stream, whatever the clock does', async () => {
      const events = pipelineEvents(3, { pipelineId: newPipeline() })
      const recorded: string[] = []
      for (const [i, ms] of [5_000, 2_000, 6_000].entries()) {
        setTime(EVENTS_START_MS + ms)
        recorded.push(storedBy(await append([events[i]!], i))[0]!.recordedAt)
      }
      expect(recorded).to.deep.equal([
        '2025-11-25T12:00:05.000Z',
        '2025-11-25T12:00:05.000Z',
        '2025-11-25T12:00:06.000Z',
      ])
    })

    it('keeps what was said, whatever the caller does to its object afterwards', async () => {
      const event = pipelineEvent({ pipelineId: newPipeline(), payload: { name: 'as it was' } })
      await append([event], 0)
      ;(event.payload as { name: string }).name = 'as it is now'
      const [stored] = await log().readStream(streamOfPipeline(event), { limit: 1 })
      expect(stored!.event.payload).to.deep.equal({ name: 'as it was' })
    })
  })

  describe('an append at another revision', () => {
    it('is a conflict that tells the actual revision, and writes nothing', async () => {
      const pipelineId = newPipeline()
      const events = pipelineEvents(5, { pipelineId })
      await append(events.slice(0, 2), 0)
      const before = await log().head()
      for (const expected of [0, 1, 3, 7]) {
        expect(await append(events.slice(2, 4), expected)).to.deep.equal(conflict(2))
      }
      expect(await log().head()).to.equal(before)
      storedBy(await append(events.slice(2, 4), 2))
    })
  })

  describe('an event whose replica and seq another event has taken', () => {
    it('is a conflict even at the right revision, and harms nothing that follows', async () => {
      const pipelineId = newPipeline()
      const [first, second] = pipelineEvents(2, { pipelineId })
      await append([first!], 0)
      const fork = pipelineEvent({ ...first!, id: randomUUID() as PipelineEvent['id'] })
      expect(await append([fork], 1)).to.deep.equal(conflict(1))
      expect(await append([second!, fork], 1)).to.deep.equal(conflict(1))
      expect(storedBy(await append([second!], 1))[0]).to.include({ revision: 2 })
    })
  })

  describe('an append that no log can hold', () => {
    const bad = {
      'U+0000': 'a\u0000b',
      'half a character': 'a\ud800b',
      'a number that is none': Number.NaN,
      'something else than JSON': new Date(0),
    }
    for (const [what, value] of Object.entries(bad)) {
      it(`is refused for ${what}, and writes nothing`, async () => {
        const pipelineId = newPipeline()
        const good = pipelineEvent({ pipelineId })
        const event = pipelineEvent({ pipelineId, seq: 2, payload: { value } })
        const error = await rejection(append([good, event], 0))
        expect(error).to.be.instanceOf(AppendRefused)
        expect(await log().streamHead(pipelineStream(pipelineId))).to.include({ revision: 0 })
      })
    }

    it('is refused for an id that is in the log at another place, and writes nothing', async () => {
      const [pipelineId, other] = [newPipeline(), newPipeline()]
      const [first, second, third] = pipelineEvents(3, { pipelineId })
      await append([first!], 0)
      const again = { ...second!, id: first!.id }
      expect(await rejection(append([again], 1))).to.be.instanceOf(AppendRefused)
      const twice = { ...third!, id: second!.id }
      expect(await rejection(append([second!, twice], 1))).to.be.instanceOf(AppendRefused)
      const elsewhere = pipelineEvent({ pipelineId: other, id: first!.id })
      expect(await rejection(append([elsewhere], 0))).to.be.instanceOf(AppendRefused)
      expect(storedBy(await append([second!], 1))[0]).to.include({ revision: 2 })
    })

    it('is a mistake of the caller when it holds nothing, or an event of another stream', async () => {
      const streamId = pipelineStream(newPipeline())
      const event = pipelineEvent({ pipelineId: newPipeline() })
      const requests = [
        { streamId, expectedRevision: 0 as Revision, events: [] },
        { streamId, expectedRevision: 0 as Revision, events: [event] },
        { streamId: streamOfPipeline(event), expectedRevision: -1 as Revision, events: [event] },
      ]
      for (const request of requests) {
        expect(await rejection(log().append(request))).to.be.instanceOf(RangeError)
      }
    })
  })
}

export function describeRepeating({ log, append }: Tools): void {
  describe('an append that was written before', () => {
    it('is answered as it was the first time, and writes nothing', async () => {
      const events = pipelineEvents(3, { pipelineId: newPipeline() })
      const first = storedBy(await append(events, 0))
      const before = await log().head()
      expect(storedBy(await append(events, 0))).to.deep.equal(first)
      expect(await log().head()).to.equal(before)
    })

    it('is answered so when the stream has gone on since', async () => {
      const events = pipelineEvents(6, { pipelineId: newPipeline() })
      await append(events.slice(0, 2), 0)
      const first = storedBy(await append(events.slice(2, 4), 2))
      await append(events.slice(4), 4)
      expect(storedBy(await append(events.slice(2, 4), 2))).to.deep.equal(first)
    })

    it('is a conflict when only some of it is there, or it is there at another place', async () => {
      const events = pipelineEvents(4, { pipelineId: newPipeline() })
      await append(events.slice(0, 3), 0)
      expect(await append(events.slice(2, 4), 2)).to.deep.equal(conflict(3))
      expect(await append(events.slice(0, 2), 1)).to.deep.equal(conflict(3))
      expect(await append([events[1]!, events[0]!], 0)).to.deep.equal(conflict(3))
    })
  })
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const answer = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('value' in answer) throw new Error(`expected an error, got ${JSON.stringify(answer.value)}`)
  return answer.error
}
