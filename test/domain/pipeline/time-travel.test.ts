import { expect } from 'chai'
import fc from 'fast-check'
import type { VersionVector } from '../../../domain/clock/version-vector.ts'
import type { PipelineEvent, StoredEvent } from '../../../domain/events/event.ts'
import type { Position, ReplicaId, Revision } from '../../../domain/ids.ts'
import { canonicalJson } from '../../../domain/json.ts'
import { evolveAll } from '../../../domain/pipeline/evolve.ts'
import { restoreSnapshot, takeSnapshot } from '../../../domain/pipeline/snapshot.ts'
import { initialState, vectorOf, type PipelineState } from '../../../domain/pipeline/state.ts'
import {
  Journey,
  Snapshots,
  stateAt,
  type Moment,
  type PastState,
} from '../../../domain/pipeline/time-travel.ts'
import { EVENTS_START_MS } from '../../support/events.ts'
import { moves, play } from './histories.ts'
import { Peer, stepId } from './peer.ts'

/** Two events a second: several share a time, as the events of one push do. */
const timeOf = (revision: number) =>
  new Date(EVENTS_START_MS + Math.floor(revision / 2) * 1_000).toISOString()

const storedAll = (events: readonly PipelineEvent[]): StoredEvent<PipelineEvent>[] =>
  events.map((event, index) => ({
    revision: (index + 1) as Revision,
    position: (index + 1) as Position,
    recordedAt: timeOf(index + 1),
    prevHash: '',
    hash: '',
    event,
  }))

const hashOf = (state: PipelineState) => canonicalJson(takeSnapshot(state))
const foldOf = (events: readonly PipelineEvent[]) =>
  evolveAll(initialState(events[0]!.pipelineId), events)

/** Snapshots that a replay of the whole history leaves behind. */
function snapshotsOf(history: readonly StoredEvent<PipelineEvent>[], interval: number): Snapshots {
  const snapshots = new Snapshots(interval)
  const journey = new Journey(history[0]!.event.pipelineId, { revision: history.length })
  for (const stored of history) {
    journey.take(stored)
    snapshots.offer(journey.at)
  }
  return snapshots
}

const withAndWithoutSnapshots = (history: readonly StoredEvent<PipelineEvent>[]) =>
  [undefined, ...[1, 3, 10].map((interval) => snapshotsOf(history, interval))] as const

describe('the state at a moment', () => {
  it('is a replay up to it, from whatever snapshot it begins', () => {
    fc.assert(
      fc.property(moves, fc.nat(), (script, n) => {
        const events = play(script)
        const history = storedAll(events)
        const revision = 1 + (n % events.length)
        const expected = hashOf(foldOf(events.slice(0, revision)))
        const time = timeOf(revision)
        const upToTime = history.filter(({ recordedAt }) => recordedAt <= time)
        const expectedAtTime = hashOf(foldOf(upToTime.map(({ event }) => event)))
        for (const snapshots of withAndWithoutSnapshots(history)) {
          const at = stateAt(history, { revision }, snapshots)!
          expect([hashOf(at.state), at.revision]).to.deep.equal([expected, revision])
          const then = stateAt(history, { time }, snapshots)!
          expect([hashOf(then.state), then.revision]).to.deep.equal([
            expectedAtTime,
            upToTime.length,
          ])
        }
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  it('is what the author of an event saw, by the clock of that event', () => {
    fc.assert(
      fc.property(moves, fc.nat(), (script, n) => {
        const events = play(script)
        const history = storedAll(events)
        const { clock } = events[n % events.length]!
        const seen = events.filter(({ replicaId, seq }) => (clock[replicaId] ?? 0) >= seq)
        for (const snapshots of withAndWithoutSnapshots(history)) {
          const at = stateAt(history, { clock }, snapshots)!
          expect(hashOf(at.state)).to.equal(hashOf(foldOf(seen)))
          expect(vectorOf(at.state)).to.deep.equal(clock)
          expect(history[at.revision - 1]!.event).to.equal(seen.at(-1))
        }
      }),
      { numRuns: 100, seed: 2 },
    )
  })

  it('stays as it was when the present goes on, and when it is itself gone on with', () => {
    const ann = new Peer('ann').begin('a', 'b')
    const history = storedAll(ann.seen)
    const snapshots = snapshotsOf(history, 1)
    const before = hashOf(stateAt(history, { revision: history.length }, snapshots)!.state)
    const past = stateAt(history, { revision: history.length }, snapshots)!.state
    ann.connect('a', 'b')
    ann.act('StepRemoved', { stepId: stepId('a') })
    evolveAll(past, ann.seen.slice(history.length))
    expect(hashOf(past)).not.to.equal(before)
    expect(hashOf(stateAt(history, { revision: history.length }, snapshots)!.state)).to.equal(
      before,
    )
  })

  describe('that never was', () => {
    const ann = new Peer('ann').begin('a', 'b')
    const ben = new Peer('ben').hear(ann)
    ben.setTimeout('a', 1)
    ann.hear(ben)
    ann.setTimeout('a', 2)
    const history = storedAll(ann.seen)
    const clock = (more: Record<string, number>) => more as VersionVector
    const [one, two] = [ann.replicaId, ben.replicaId]
    const last = vectorOf(ann.state)
    const moments: Record<string, Moment> = {
      'before the first event': { revision: 0 },
      'beyond the last': { revision: history.length + 1 },
      'at a time before the first': { time: new Date(EVENTS_START_MS - 1).toISOString() },
      'by an empty clock': { clock: clock({}) },
      'by a clock with events that are not there': { clock: clock({ ...last, [one]: 99 }) },
      'by a clock of a replica that is not there': {
        clock: clock({ ...last, ['nobody000000' as ReplicaId]: 1 }),
      },
      'by a clock that leaves out what its events have seen': {
        clock: clock({ [one]: last[one]! }),
      },
      'by a clock without the beginning': { clock: clock({ [two]: 1 }) },
    }
    for (const [what, moment] of Object.entries(moments)) {
      it(`is none ${what}`, () => {
        for (const snapshots of withAndWithoutSnapshots(history)) {
          expect(stateAt(history, moment, snapshots)).to.equal(null)
        }
      })
    }

    it('is none of a history without events', () => {
      expect(stateAt([], { revision: 0 })).to.equal(null)
    })
  })
})

describe('snapshots of the past', () => {
  const ann = new Peer('ann').begin('a')
  for (let n = 0; n < 400; n++) ann.setTimeout('a', n)
  const history = storedAll(ann.seen)

  it('are taken at the interval, and spread out where they grow too many', () => {
    const snapshots = snapshotsOf(history, 2)
    const revisions = new Set(
      history.map(({ revision }) => snapshots.before({ revision })?.revision ?? 0),
    )
    expect(revisions.size).to.be.within(33, 65)
    const distances = [...revisions].map((revision, i, all) => revision - (all[i - 1] ?? 0))
    expect(new Set(distances.slice(1))).to.deep.equal(new Set([8]))
  })

  it('save the replay of what lies before them', () => {
    const snapshots = snapshotsOf(history, 100)
    const journey = new Journey(
      history[0]!.event.pipelineId,
      { revision: 333 },
      snapshots.before({ revision: 333 }),
    )
    expect(journey.after).to.equal(300)
  })

  it('can be kept as JSON, with the version of the fold that made them', () => {
    const { state, ...rest } = snapshotsOf(history, 100).before({ revision: 250 })!
    const restored = restoreSnapshot(JSON.parse(JSON.stringify(takeSnapshot(state))))!
    const snapshots = new Snapshots(100)
    snapshots.offer({ ...rest, state: restored } satisfies PastState)
    const moment = { revision: 250 }
    expect(hashOf(stateAt(history, moment, snapshots)!.state)).to.equal(
      hashOf(stateAt(history, moment)!.state),
    )
    expect(takeSnapshot(state)).to.have.property('fold').that.is.a('number')
  })
})
