import { expect } from 'chai'
import fc from 'fast-check'
import { checkCausality } from '../../../backend/sync/check-event.ts'
import { hlcMs, type Hlc } from '../../../domain/clock/hlc.ts'
import { dominates, includes, type VersionVector } from '../../../domain/clock/version-vector.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { ReplicaId, Revision, VersionId } from '../../../domain/ids.ts'
import { evolve, evolveAll, isReady } from '../../../domain/pipeline/evolve.ts'
import {
  forkState,
  initialState,
  vectorOf,
  type PipelineState,
} from '../../../domain/pipeline/state.ts'
import type { Code } from '../../../domain/protocol/codes.ts'
import type { PushAnswer } from '../../../domain/protocol/messages.ts'
import { renumber, restampHlc } from '../../../frontend/replica/restamp.ts'
import { settle } from '../../../frontend/replica/settle.ts'
import { anyCommand } from '../../domain/pipeline/any-command.ts'
import { moves, PIPELINE, play } from '../../domain/pipeline/histories.ts'
import { Peer, stepId } from '../../domain/pipeline/peer.ts'
import { namedUuid } from '../../support/events.ts'

const NEW_REPLICA = 'fresh0000000' as ReplicaId

/** What the server has, and what a device has pending on top of it. */
interface Queue {
  readonly server: PipelineState
  readonly pending: readonly PipelineEvent[]
  readonly greatestSeen: Hlc
}

/** The first `kept` events of the device are accepted; it has heard of the others' in part at first. */
const queues: fc.Arbitrary<Queue> = fc
  .record({
    script: moves,
    heardFirst: fc.nat(60),
    commands: fc.array(anyCommand, { minLength: 6, maxLength: 30 }),
    kept: fc.nat(4),
    tagEvery: fc.integer({ min: 2, max: 5 }),
  })
  .map(({ script, heardFirst, commands, kept, tagEvery }) => {
    const history = play(script)
    const device = new Peer('device')
    device.take(history.slice(0, Math.max(1, Math.min(heardFirst, history.length))))
    const made: PipelineEvent[] = []
    for (const [n, command] of commands.entries()) {
      if (n === Math.floor(commands.length / 2)) {
        device.take(history.filter((event) => !device.seen.includes(event)))
      }
      const decision = device.decide(command)
      if (decision.ok) {
        made.push(...decision.events)
        device.take(decision.events)
      }
      if (n % tagEvery === 0) made.push(tag(device, n))
    }
    const accepted = made.slice(0, kept)
    const server = evolveAll(initialState(PIPELINE), [...history, ...accepted])
    return { server, pending: made.slice(kept), greatestSeen: server.greatestHlc }
  })

function tag(device: Peer, n: number): PipelineEvent {
  const versionId = namedUuid('version', n) as VersionId
  return device.act('VersionTagged', { versionId, label: 'v', cut: vectorOf(device.state) })
}

/** Whether a server takes all of these, one after the other, and each cut is sound. */
function expectAdmissible(events: readonly PipelineEvent[], { server }: Queue): void {
  const state = forkState(server)
  for (const event of events) {
    expect(event.clock[event.replicaId]).to.equal(event.seq)
    expect(isReady(state, event), 'ready').to.equal(true)
    expect(checkCausality(event, state), event.type).to.equal(null)
    const { cut } = event.payload as { cut?: VersionVector }
    if (cut) {
      expect(dominates(event.clock, cut), 'the cut is within the clock').to.equal(true)
      for (const before of events.filter((other) => includes(cut, other))) {
        expect(dominates(cut, before.clock), 'the cut is closed').to.equal(true)
      }
    }
    evolve(state, event)
  }
}

const contextOf = ({ pending, greatestSeen }: Queue, more: object = {}) => ({
  pending,
  pushed: pending.length,
  mendedBefore: false,
  greatestSeen,
  now: 2_000_000_000_000,
  newReplicaId: () => NEW_REPLICA,
  ...more,
})

function stopped(code: Code, at: number, vector: VersionVector, more: object = {}): PushAnswer {
  const progress = { accepted: at, duplicates: 0, head: 1 as Revision, vector }
  return { ok: false, code, message: 'No.', at, ...progress, ...more }
}

/** The queue after the server took the first `count` of the pending events. */
function afterAccepting(queue: Queue, count: number): Queue {
  const server = evolveAll(forkState(queue.server), queue.pending.slice(0, count))
  return { ...queue, server, pending: queue.pending.slice(count) }
}

describe('pending events', () => {
  it('are admissible as they were made: the property below says something', () => {
    let count = 0
    fc.assert(
      fc.property(queues, (queue) => {
        expectAdmissible(queue.pending, queue)
        count += queue.pending.length
      }),
      { numRuns: 100, seed: 1 },
    )
    expect(count).to.be.greaterThan(500)
  })

  it('stay admissible after any of them are refused, one after the other', () => {
    let refusals = 0
    fc.assert(
      fc.property(queues, fc.array(fc.nat(6), { minLength: 1, maxLength: 5 }), (first, stops) => {
        let queue = first
        for (const stop of stops) {
          if (queue.pending.length === 0) return
          const at = stop % queue.pending.length
          const answer = stopped('malformed', at, {})
          const { refused, rest } = settle(answer, contextOf(queue))
          queue = { ...afterAccepting(queue, at), pending: rest! }
          expectAdmissible(rest!, queue)
          refusals += refused.length
        }
      }),
      { numRuns: 150, seed: 2 },
    )
    expect(refusals).to.be.greaterThan(200)
  })

  it('stay admissible after their replica turned out to be copied', () => {
    fc.assert(
      fc.property(queues, fc.nat(9), (queue, stop) => {
        fc.pre(queue.pending.length > 0)
        const at = stop % queue.pending.length
        const [head] = queue.pending.slice(at)
        const { rest } = settle(stopped('replica-forked', at, {}), contextOf(queue))
        const after = afterAccepting(queue, at)
        expect(rest!.map(({ seq }) => seq)).to.deep.equal(rest!.map((_, i) => i + 1))
        expectAdmissible(rest!, after)
        expect(rest!.every((event) => (event.clock[head!.replicaId] ?? 0) < head!.seq)).to.be.true
      }),
      { numRuns: 100, seed: 3 },
    )
  })

  it('stay admissible when they are of two replicas, and any of them are refused', () => {
    fc.assert(
      fc.property(
        queues,
        fc.nat(9),
        fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }),
        (first, fork, stops) => {
          fc.pre(first.pending.length > 2)
          // The device was copied in the middle: what was made since goes on under a new id.
          const { replicaId: from, seq } = first.pending[1 + (fork % (first.pending.length - 1))]!
          const renumbering = { from, to: NEW_REPLICA, keptSeq: seq - 1, lastSeq: 0 }
          let queue = { ...first, pending: renumber(first.pending, renumbering) }
          expect(new Set(queue.pending.map((event) => event.replicaId)).size).to.equal(2)
          expectAdmissible(queue.pending, queue)
          for (const stop of stops) {
            if (queue.pending.length === 0) return
            const at = stop % queue.pending.length
            const { rest } = settle(stopped('malformed', at, {}), contextOf(queue))
            queue = { ...afterAccepting(queue, at), pending: [...rest!] }
            expectAdmissible(rest!, queue)
          }
        },
      ),
      { numRuns: 150, seed: 7 },
    )
  })

  it('stay admissible after they are cut down to what a restored server has', () => {
    fc.assert(
      fc.property(queues, fc.nat(40), (queue, lost) => {
        fc.pre(queue.pending.length > 0)
        // The server lost the end of the others' history, and has this device's part.
        const own = queue.pending[0]!.replicaId
        const vector = Object.fromEntries(
          Object.entries(vectorOf(queue.server))
            .map(([id, seq]) => [id, id === own ? seq : Math.max(0, seq - (lost % 5))] as const)
            .filter(([, seq]) => seq > 0),
        )
        const { rest } = settle(stopped('missing-dependency', 0, vector), contextOf(queue))
        for (const event of rest!) {
          const { [own]: seq, ...seen } = event.clock
          expect(seq).to.equal(event.seq)
          expect(dominates(vector, seen)).to.equal(true)
          const { cut } = event.payload as { cut?: VersionVector }
          if (cut) expect(dominates(event.clock, cut)).to.equal(true)
        }
        expect(rest!.map(({ seq }) => seq)).to.deep.equal(queue.pending.map(({ seq }) => seq))
      }),
      { numRuns: 100, seed: 4 },
    )
  })

  it('stay admissible, and within a minute, after they are given a server’s time', () => {
    fc.assert(
      fc.property(queues, fc.nat(9), (queue, stop) => {
        fc.pre(queue.pending.length > 0)
        const at = stop % queue.pending.length
        const after = afterAccepting(queue, at)
        const serverTime = 1_764_072_000_000
        const answer = stopped('clock-ahead', at, {}, { serverTime })
        const { rest } = settle(answer, contextOf(queue))
        expectAdmissible(rest!, after)
        const latest = Math.max(serverTime, hlcMs(after.server.greatestHlc))
        for (const { hlc } of rest!) expect(hlcMs(hlc)).to.be.within(serverTime, latest + 1)
      }),
      { numRuns: 100, seed: 5 },
    )
  })

  it('keep their ids, gestures, times and content, and leave the given ones as they were', () => {
    fc.assert(
      fc.property(queues, (queue) => {
        fc.pre(queue.pending.length > 1)
        const before = structuredClone(queue.pending)
        const { rest } = settle(stopped('malformed', 0, {}), contextOf(queue))
        expect(queue.pending).to.deep.equal(before)
        for (const event of rest!) {
          const old = before.find(({ id }) => id === event.id)!
          const { seq, clock, payload, ...kept } = event
          const { seq: oldSeq, clock: oldClock, payload: oldPayload, ...oldKept } = old
          expect(kept).to.deep.equal(oldKept)
          expect(seq).to.be.at.most(oldSeq)
          expect(Object.keys(clock)).to.have.members(Object.keys(oldClock))
          if (event.type !== 'VersionTagged') expect(payload).to.deep.equal(oldPayload)
        }
      }),
      { numRuns: 60, seed: 6 },
    )
  })
})

describe('numbering anew', () => {
  const ann = new Peer('ann').begin('a')
  const device = new Peer('device').hear(ann)
  const events = [1, 2, 3, 4, 5].map((value) => device.setTimeout('a', value))
  const from = device.replicaId

  it('counts only what is left, in clocks and in cuts', () => {
    const cut = { [ann.replicaId]: 2, [from]: 4 } as VersionVector
    const tagged = device.act('VersionTagged', { versionId: stepId('v') as never, label: 'v', cut })
    const left = [events[2]!, events[4]!, tagged]
    const rest = renumber(left, { from, to: from, keptSeq: 1, lastSeq: 1 })
    expect(rest.map(({ seq }) => seq)).to.deep.equal([2, 3, 4])
    // Of what the cut held, the first is accepted and the third is left.
    expect((rest[2]!.payload as { cut: object }).cut).to.deep.equal({
      [ann.replicaId]: 2,
      [from]: 2,
    })
  })

  it('leaves out of clocks what counts for nothing any more', () => {
    const [first] = renumber(events, { from, to: NEW_REPLICA, keptSeq: 0, lastSeq: 0 })
    expect(first!.clock).to.deep.equal({ [ann.replicaId]: 2, [NEW_REPLICA]: 1 })
  })

  it('goes once through a long queue of two replicas, and not once for each event', () => {
    // Those of the first replica have seen none of the second: there is nothing to find for them.
    const one = events[0]!
    const of = (replicaId: ReplicaId) =>
      Array.from({ length: 50_000 }, (_, n): PipelineEvent => {
        return { ...one, replicaId, seq: n + 1, clock: { [replicaId]: n + 1 } }
      })
    const queue = [...of(from), ...of(NEW_REPLICA)]
    const to = 'newest000000' as ReplicaId
    const rest = renumber(queue, { from: NEW_REPLICA, to, keptSeq: 0, lastSeq: 0 })
    expect(rest[0]!.clock).to.deep.equal({ [from]: 1 })
    expect(rest.at(-1)!.clock).to.deep.equal({ [to]: 50_000 })
  })

  it('is nothing for nothing', () => {
    expect(renumber([], { from, to: from, keptSeq: 0, lastSeq: 0 })).to.deep.equal([])
    expect(restampHlc([], ann.state.greatestHlc, 0)).to.deep.equal([])
  })
})
