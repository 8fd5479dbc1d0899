/**
 * A pipeline as it was: at a revision, at a time, or as a device with a clock saw it.
 *
 * A journey begins at the last snapshot that is wholly in the past it is about, and takes the events
 * after that one by one. Snapshots are kept at intervals and are disposable: whatever is missing is
 * folded again, and what comes out is the same.
 */
import { dominates, includes, type VersionVector } from '../clock/version-vector.ts'
import type { PipelineEvent, StoredEvent } from '../events/event.ts'
import type { PipelineId, Revision } from '../ids.ts'
import { evolve } from './evolve.ts'
import { forkState, initialState, vectorOf, type PipelineState } from './state.ts'

export type Moment =
  | { readonly revision: number }
  /** ISO 8601 in UTC with milliseconds, compared with `recordedAt`. */
  | { readonly time: string }
  /** A causally closed set of events, as a version vector. */
  | { readonly clock: VersionVector }

/** A state of the past, and the last event that is in it. */
export interface PastState {
  readonly state: PipelineState
  readonly revision: Revision
  /** ISO 8601 in UTC, of that last event; empty before the first. */
  readonly recordedAt: string
}

/** The way to one moment: give it the events after `after`, in the order of the log. */
export class Journey {
  readonly #moment: Moment
  #at: PastState
  /** By a clock: how many of its events are not in the state yet. */
  #missing = 0
  #isPossible = true

  constructor(id: PipelineId, moment: Moment, snapshot: PastState | null = null) {
    this.#moment = moment
    this.#at = snapshot
      ? { ...snapshot, state: forkState(snapshot.state) }
      : { state: initialState(id), revision: 0 as Revision, recordedAt: '' }
    if ('clock' in moment) {
      this.#missing = countOf(moment.clock) - countOf(vectorOf(this.#at.state))
    }
  }

  /** How far it has come. */
  get at(): PastState {
    return this.#at
  }

  /** The revision of the last event that is in the state so far. */
  get after(): Revision {
    return this.#at.revision
  }

  /** Whether the moment lies beyond an event, so that the journey goes on. */
  take({ revision, recordedAt, event }: StoredEvent<PipelineEvent>): boolean {
    const moment = this.#moment
    if ('revision' in moment && revision > moment.revision) return false
    if ('time' in moment && recordedAt > moment.time) return false
    if ('clock' in moment) {
      if (this.#missing === 0) return false
      if (!includes(moment.clock, event)) return true
      // What the device had applied, it had applied with all that it depends on.
      if (!dominates(moment.clock, event.clock)) return (this.#isPossible = false)
      this.#missing -= 1
    }
    this.#at = { state: evolve(this.#at.state, event), revision, recordedAt }
    return true
  }

  /** The state at the moment; null where the pipeline never was at it. */
  arrive(): PastState | null {
    const moment = this.#moment
    const { revision } = this.#at
    if (!this.#isPossible || this.#missing > 0 || revision === 0) return null
    return 'revision' in moment && revision !== moment.revision ? null : this.#at
  }
}

/** How many events a vector includes. */
function countOf(vector: VersionVector): number {
  return Object.values(vector).reduce((sum, seq) => sum + seq, 0)
}

/** Revisions between two snapshots: what a journey has to fold, within a few milliseconds. */
export const SNAPSHOT_INTERVAL = 1_000
/** Snapshots of one pipeline; they share what did not change between them. */
const MOST_SNAPSHOTS = 64

/** Snapshots of one pipeline's past; where they grow too many, every second one is let go of. */
export class Snapshots {
  #kept: PastState[] = []
  #interval: number

  constructor(interval = SNAPSHOT_INTERVAL) {
    this.#interval = interval
  }

  /** Offers the state after an event of a replay from the beginning; it may go on changing. */
  offer(past: PastState): void {
    const last = this.#kept.at(-1)?.revision ?? 0
    if (past.revision % this.#interval !== 0 || past.revision <= last) return
    this.#kept.push({ ...past, state: forkState(past.state) })
    if (this.#kept.length <= MOST_SNAPSHOTS) return
    this.#interval *= 2
    this.#kept = this.#kept.filter(({ revision }) => revision % this.#interval === 0)
  }

  /** The last snapshot that is wholly in the past of a moment; null where there is none. */
  before(moment: Moment): PastState | null {
    return this.#kept.findLast((past) => isPast(past, moment)) ?? null
  }
}

function isPast({ state, revision, recordedAt }: PastState, moment: Moment): boolean {
  if ('revision' in moment) return revision <= moment.revision
  if ('time' in moment) return recordedAt <= moment.time
  return dominates(moment.clock, vectorOf(state))
}

/**
 * The state at a moment of a history that is at hand whole, from revision 1.
 * @returns null where the pipeline never was at it
 */
export function stateAt(
  history: readonly StoredEvent<PipelineEvent>[],
  moment: Moment,
  snapshots?: Snapshots,
): PastState | null {
  const id = history[0]?.event.pipelineId
  if (!id) return null
  const journey = new Journey(id, moment, snapshots?.before(moment))
  for (let i = journey.after as number; i < history.length; i++) {
    if (!journey.take(history[i]!)) break
  }
  return journey.arrive()
}
