import { expect } from 'chai'
import { hlcMs, HLC_ZERO, hlcOf } from '../../../domain/clock/hlc.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { ReplicaId, Revision } from '../../../domain/ids.ts'
import { codes, type Code } from '../../../domain/protocol/codes.ts'
import type { PushAnswer } from '../../../domain/protocol/messages.ts'
import { settle, type QueueContext, type Settlement } from '../../../frontend/replica/settle.ts'
import { commentId, Peer, stepId } from '../../domain/pipeline/peer.ts'

const NEW_REPLICA = 'fresh0000000' as ReplicaId
const NOW = 1_764_072_900_000

/** Ben's pending edits, on a pipeline of Ann's that the server has: seven, about a new step x. */
function queue() {
  const ann = new Peer('ann').begin('a', 'b')
  const ben = new Peer('ben').hear(ann)
  const events = [
    ben.setTimeout('a', 1),
    ben.addStep('x'),
    ben.setTimeout('x', 2),
    ben.connect('a', 'x'),
    ben.disconnect('a', 'x'),
    ben.act('CommentAdded', { commentId: commentId('c'), body: 'hm', stepId: stepId('x') }),
    ben.setTimeout('b', 3),
  ]
  return { ann, ben, events }
}

function context(
  pending: readonly PipelineEvent[],
  more: Partial<QueueContext> = {},
): QueueContext {
  return {
    pending,
    pushed: pending.length,
    mendedBefore: false,
    greatestSeen: HLC_ZERO,
    now: NOW,
    newReplicaId: () => NEW_REPLICA,
    ...more,
  }
}

function stopped(code: Code, at: number, more: object = {}): PushAnswer {
  const progress = { accepted: at, duplicates: 0, head: 3 as Revision, vector: {} }
  return { ok: false, code, message: 'No.', at, ...progress, ...more }
}

const accepted = (count: number): PushAnswer => ({
  ok: true,
  accepted: count,
  duplicates: 0,
  head: 9 as Revision,
  vector: {},
})

const ids = (events: readonly PipelineEvent[]) => events.map(({ id }) => id)
const seqs = (events: readonly PipelineEvent[] | null) => events?.map(({ seq }) => seq)
const NOTHING: Settlement = {
  acknowledged: [],
  refused: [],
  rest: null,
  newReplicaId: null,
  clockOffset: null,
  epochAbove: null,
  resendAfter: null,
  retryAfterMs: null,
}

describe('what a push comes to', () => {
  it('that was accepted takes its events out of the queue, and touches nothing else', () => {
    const { events } = queue()
    const settlement = settle(accepted(4), context(events, { pushed: 4 }))
    expect(settlement).to.deep.equal({ ...NOTHING, acknowledged: ids(events.slice(0, 4)) })
  })

  it('that stopped takes out what stands before the stop, whatever the code', () => {
    const { events } = queue()
    for (const code of Object.keys(codes) as Code[]) {
      for (const at of [0, 1, 3, 6]) {
        const { acknowledged, refused, rest } = settle(stopped(code, at), context(events))
        expect(acknowledged, code).to.deep.equal(ids(events.slice(0, at)))
        const left = new Set([...refused.map(({ event }) => event.id), ...ids(rest ?? [])])
        for (const id of acknowledged) expect(left.has(id), code).to.equal(false)
      }
    }
  })

  it('that stopped behind the end of the queue only acknowledges', () => {
    const { events } = queue()
    const settlement = settle(stopped('malformed', 7), context(events))
    expect(settlement).to.deep.equal({ ...NOTHING, acknowledged: ids(events) })
  })

  describe('that was refused for good', () => {
    const fatal = (Object.keys(codes) as Code[]).filter((code) => codes[code] === 'fatal')

    it('is so by these codes', () => {
      expect(fatal).to.have.members([
        'malformed',
        'too-large',
        'forbidden',
        'not-found',
        'archived',
      ])
    })

    for (const code of fatal) {
      it(`${code}: takes the event out with its verdict, and numbers the rest anew`, () => {
        const { events } = queue()
        const { refused, rest, ...others } = settle(stopped(code, 0), context(events))
        expect(refused).to.deep.equal([{ event: events[0], code, message: 'No.' }])
        expect(ids(rest!)).to.deep.equal(ids(events.slice(1)))
        expect(seqs(rest)).to.deep.equal([1, 2, 3, 4, 5, 6])
        expect({ ...NOTHING, ...others }).to.deep.equal(NOTHING)
      })

      it(`${code}: takes with it what is about something that it would have made`, () => {
        const { ann, ben, events } = queue()
        const { refused, rest } = settle(stopped(code, 1), context(events))
        expect(ids(refused.map(({ event }) => event))).to.deep.equal(ids(events.slice(1, 6)))
        expect(new Set(refused.map((verdict) => verdict.code))).to.deep.equal(new Set([code]))
        for (const { message } of refused.slice(1)) expect(message).to.match(/^It is about .*\.$/)
        expect(rest).to.deep.equal([
          { ...events[6], seq: 2, clock: { [ann.replicaId]: 3, [ben.replicaId]: 2 } },
        ])
      })
    }

    it('leaves what is only about the same thing', () => {
      const { events } = queue()
      const { refused, rest } = settle(stopped('malformed', 2), context(events))
      expect(refused).to.have.length(1)
      expect(seqs(rest)).to.deep.equal([3, 4, 5, 6])
    })

    it('leaves what is about a thing that was there before it was restored', () => {
      const ann = new Peer('ann').begin('a')
      const ben = new Peer('ben').hear(ann)
      const events = [
        ben.act('StepRemoved', { stepId: stepId('a') }),
        ben.act('StepRestored', { stepId: stepId('a') }),
        ben.setTimeout('a', 1),
      ]
      const { refused } = settle(stopped('malformed', 1), context(events))
      expect(ids(refused.map(({ event }) => event))).to.deep.equal([events[1]!.id])
    })

    it('takes everything with the creation of the pipeline', () => {
      const ann = new Peer('ann').begin('a', 'b')
      ann.setTimeout('a', 1)
      const { refused, rest } = settle(stopped('not-found', 0), context(ann.seen))
      expect(refused).to.have.length(4)
      expect(rest).to.deep.equal([])
    })

    it('takes all that would be refused alike, where the server says that it is the pipeline', () => {
      const { events } = queue()
      for (const code of ['forbidden', 'not-found', 'archived'] as const) {
        const { refused, rest } = settle(stopped(code, 2, { scope: 'pipeline' }), context(events))
        expect(ids(refused.map(({ event }) => event))).to.deep.equal(ids(events.slice(2)))
        expect(new Set(refused.map(({ message }) => message))).to.deep.equal(new Set(['No.']))
        expect(rest).to.deep.equal([])
      }
    })

    it('leaves an unarchiving, and what comes after it, to be sent', () => {
      const { ben } = queue()
      const events = [
        ben.setTimeout('a', 1),
        ben.addStep('y'),
        ben.act('PipelineUnarchived', {}),
        ben.setTimeout('y', 1),
        ben.setTimeout('a', 2),
      ]
      const scope = { scope: 'pipeline' }
      const { refused, rest } = settle(stopped('archived', 0, scope), context(events))
      expect(ids(refused.map(({ event }) => event))).to.deep.equal(
        ids([events[0]!, events[1]!, events[3]!]),
      )
      expect(ids(rest!)).to.deep.equal(ids([events[2]!, events[4]!]))
    })

    it('is refused too by a code that this program does not know', () => {
      const { events } = queue()
      const { refused } = settle(stopped('out-of-ink' as Code, 0), context(events))
      expect(refused[0]).to.deep.include({ code: 'out-of-ink' })
    })
  })

  describe('that met a gap', () => {
    it('sends again from where the server stands, where that is before the head', () => {
      const { ben, events } = queue()
      const answer = stopped('gap', 0, { vector: { [ben.replicaId]: 2 } })
      const settlement = settle(answer, context(events.slice(4)))
      expect(settlement).to.deep.equal({ ...NOTHING, resendAfter: 2 })
      const fromNothing = settle(stopped('gap', 0), context(events.slice(4)))
      expect(fromNothing).to.deep.equal({ ...NOTHING, resendAfter: 0 })
    })

    it('numbers the rest on from where the server stands, where nothing is missing', () => {
      const { ben, events } = queue()
      const answer = stopped('gap', 0, { vector: { [ben.replicaId]: 9 } })
      expect(seqs(settle(answer, context(events)).rest)).to.deep.equal([10, 11, 12, 13, 14, 15, 16])
    })
  })

  describe('that lacks a dependency', () => {
    const answer = (ben: Peer, more = {}) =>
      stopped('missing-dependency', 1, { vector: { ann000000000: 2, [ben.replicaId]: 1, ...more } })

    it('is cut down, once, to what the server has', () => {
      const { ben, events } = queue()
      const { rest, refused } = settle(answer(ben), context(events))
      expect(refused).to.deep.equal([])
      expect(seqs(rest)).to.deep.equal([2, 3, 4, 5, 6, 7])
      expect(rest!.map(({ clock }) => clock)).to.deep.equal(
        [2, 3, 4, 5, 6, 7].map((seq) => ({ ann000000000: 2, [ben.replicaId]: seq })),
      )
    })

    it('waits for nothing that the server has never heard of', () => {
      const { ben, events } = queue()
      const { rest } = settle(answer(ben, { ann000000000: 0 }), context(events))
      expect(rest![0]!.clock).to.deep.equal({ [ben.replicaId]: 2 })
    })

    it('is refused when that was of no use', () => {
      const { ben, events } = queue()
      const { refused, rest } = settle(answer(ben), context(events, { mendedBefore: true }))
      expect(refused[0]).to.deep.include({ event: events[1], code: 'missing-dependency' })
      expect(ids(rest!)).to.deep.equal([events[6]!.id])
    })
  })

  describe('that met another event in its place', () => {
    it('moves the rest to a new replica, from 1, on top of what was accepted', () => {
      const { ann, ben, events } = queue()
      const settlement = settle(stopped('replica-forked', 2), context(events))
      expect(settlement.newReplicaId).to.equal(NEW_REPLICA)
      expect(settlement.rest!.map(({ replicaId }) => replicaId)).to.deep.equal(
        Array(5).fill(NEW_REPLICA),
      )
      expect(settlement.rest!.map(({ clock }) => clock)).to.deep.equal(
        [1, 2, 3, 4, 5].map((seq) => ({
          [ann.replicaId]: 3,
          [ben.replicaId]: 2,
          [NEW_REPLICA]: seq,
        })),
      )
      expect(settlement.refused).to.deep.equal([])
    })
  })

  describe('from a clock that is ahead', () => {
    const serverTime = NOW - 3_600_000

    it('gets stamps of the server’s time, each greater than the one before and all it has seen', () => {
      const { events } = queue()
      const seen = hlcOf(serverTime + 5, 7)
      const answer = stopped('clock-ahead', 0, { serverTime })
      const { rest, clockOffset } = settle(answer, context(events, { greatestSeen: seen }))
      expect(clockOffset).to.equal(-3_600_000)
      let last = seen
      for (const { hlc } of rest!) {
        expect(hlc > last && hlcMs(hlc) <= serverTime + 6, hlc).to.equal(true)
        last = hlc
      }
      expect(seqs(rest)).to.deep.equal(seqs(events))
    })

    it('stays after what was accepted of the same push', () => {
      const { events } = queue()
      const early = hlcOf(hlcMs(events[0]!.hlc) - 1_000, 0)
      const answer = stopped('clock-ahead', 3, { serverTime: hlcMs(early) })
      const { rest } = settle(answer, context(events, { greatestSeen: early }))
      expect(rest![0]!.hlc > events[2]!.hlc).to.equal(true)
    })

    it('is never set forward: a clock that runs behind is no trouble', () => {
      const { events } = queue()
      const answer = stopped('clock-ahead', 0, { serverTime: NOW + 5_000 })
      expect(settle(answer, context(events)).clockOffset).to.equal(0)
    })
  })

  it('with a stale epoch is sent again above the one that the log has seen', () => {
    const { events } = queue()
    const settlement = settle(stopped('stale-epoch', 1, { epoch: 7 }), context(events))
    const acknowledged = [events[0]!.id]
    expect(settlement).to.deep.equal({ ...NOTHING, acknowledged, epochAbove: 7 })
  })

  it('that the server could not take for now stays as it is, for as long as it says', () => {
    const { events } = queue()
    const limited = settle(stopped('rate-limited', 1, { retryAfterMs: 250 }), context(events))
    const acknowledged = [events[0]!.id]
    expect(limited).to.deep.equal({ ...NOTHING, acknowledged, retryAfterMs: 250 })
    const unavailable = settle(stopped('unavailable', 0), context(events))
    expect(unavailable).to.deep.equal({ ...NOTHING, retryAfterMs: 0 })
  })

  it('always moves the head of the queue on, unless it is to be tried again later', () => {
    const events = queue().events.slice(4)
    for (const code of Object.keys(codes) as Code[]) {
      const answer = stopped(code, 0, { epoch: 3, serverTime: NOW - 100_000 })
      const { rest, epochAbove, resendAfter, retryAfterMs } = settle(answer, context(events))
      const isMoved =
        epochAbove !== null ||
        resendAfter !== null ||
        (rest !== null && JSON.stringify(rest[0]) !== JSON.stringify(events[0]))
      expect(isMoved, code).to.equal(codes[code] !== 'retried' && retryAfterMs === null)
    }
  })
})
