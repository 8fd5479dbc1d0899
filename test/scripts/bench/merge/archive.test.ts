import { expect } from 'chai'
import {
  archiveOf,
  eventsOfArchive,
  type ArchivedEvent,
} from '../../../../scripts/bench/merge/archive.ts'
import { eventsOf, SHORT } from '../../../../scripts/bench/merge/trace.ts'
import type { PipelineEvent } from '../../../../domain/events/event.ts'
import { tinyTrace } from './tiny-trace.ts'

function archived(events: readonly PipelineEvent[]): ArchivedEvent[] {
  return events.map(({ id: _id, intentId: _intentId, ...rest }) => rest)
}

describe('an archive of events', () => {
  for (const naming of ['full', 'short'] as const) {
    const { initial, byOp } = eventsOf(tinyTrace(), naming === 'short' ? SHORT : undefined)
    const events = [...initial, ...byOp.flat()]

    it(`gives the events back but for the ids of events and gestures, ${naming} ids`, () => {
      expect(eventsOfArchive(archiveOf(events))).to.deep.equal(archived(events))
    })

    it(`gives back a part that begins in the middle, ${naming} ids`, () => {
      const push = byOp.slice(4).flat()
      expect(eventsOfArchive(archiveOf(push))).to.deep.equal(archived(push))
    })
  }

  it('gives back payloads of any form, unknown types and schemas', () => {
    const payloads = [
      {},
      { a: { b: 1 }, 'a/b': 2, '': null },
      { a: { b: 1.5 }, 'a/b': -2, '': [1, { c: '\uD83D' }] },
      { key: 'x', value: '\uD83D\uDE00' },
      { key: 'x', value: '\uD83D\uDE01' },
      { key: 'x', value: { deep: [] } },
      { key: 3, value: true },
      JSON.parse('{"__proto__": {"a": 1}, "constructor": "b"}') as object,
    ]
    const [first] = eventsOf(tinyTrace(), SHORT).initial
    const events = payloads.map((payload, index) => {
      const seq = index + 1
      const clock = { ...first!.clock, [first!.replicaId]: seq }
      return { ...first!, type: 'Unknown', schema: 1 + (index % 2), seq, clock, payload }
    })
    const back = eventsOfArchive(archiveOf(events))
    expect(JSON.stringify(back.map(({ payload }) => payload))).to.equal(JSON.stringify(payloads))
    expect(back).to.deep.equal(archived(events))
  })

  it('holds no event as well', () => {
    expect(eventsOfArchive(archiveOf([]))).to.deep.equal([])
  })

  it('refuses what it could not give back: a gap, and a clock that forgets', () => {
    const { initial, byOp } = eventsOf(tinyTrace(), SHORT)
    expect(() => archiveOf([initial[0]!, initial[2]!])).to.throw('r-1 3 follows 1')
    const [event] = byOp.at(-1)!
    const next = { ...event!, seq: event!.seq + 1, clock: { [event!.replicaId]: event!.seq + 1 } }
    expect(() => archiveOf([event!, next as PipelineEvent])).to.throw('forgot what it had seen')
  })
})
