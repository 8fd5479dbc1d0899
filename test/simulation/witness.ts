/** Sees what is promised to people, and remembers it: what was made, acknowledged, stored, refused. */
import { isPipelineEvent, type PipelineEvent, type StoredEvent } from '../../domain/events/event.ts'
import type { EventId } from '../../domain/ids.ts'
import type { PushAnswer, PushMessage } from '../../domain/protocol/messages.ts'
import { NO_FAULTS, type Faults } from './faults.ts'
import { Past } from './past.ts'
import { ACTIONS } from './script.ts'

/** A device's storage, which only stands for itself here. */
type Disk = object

/** What a run did; a run that did nothing proves nothing. */
export interface Counts {
  events: number
  conflicts: number
  suspensions: number
  rejections: number
  forks: number
  restarts: number
  lateBranches: number
  verdicts: number
  comparisons: number
  /** States of the past that came out the same again at the end. */
  pasts: number
}

export const noCounts = (): Counts => ({
  events: 0,
  conflicts: 0,
  suspensions: 0,
  rejections: 0,
  forks: 0,
  restarts: 0,
  lateBranches: 0,
  verdicts: 0,
  comparisons: 0,
  pasts: 0,
})

/** What runs are about that leads to no count of its own; each is to come about in some run. */
export const HAPPENINGS = [
  ...(Object.keys(NO_FAULTS) as (keyof Faults)[]),
  ...ACTIONS,
  /** A server that was restored from an older backup had lost something. */
  'lost history',
  /** The role of a person was gone when their device sent 200 edits or more. */
  'all refused',
  /** A copy of a push arrived after its device had renumbered or handed on its queue. */
  'fenced copy',
  /** Somebody took the upload lock from a tab that was frozen. */
  'stolen lock',
  /** A log refused an event. */
  'poison',
  /** A program met an event of a type that it does not know. */
  'unknown type',
] as const
export type Happening = (typeof HAPPENINGS)[number]

export class Witness {
  readonly counts = noCounts()
  readonly happened = new Map<Happening, number>()
  /** What was shown of the log's history, by anybody. */
  readonly past = new Past()
  /** Every event in the log, by its id. */
  readonly stored = new Map<EventId, PipelineEvent>()
  /** Told to a device as accepted; none may ever be missing. */
  readonly acknowledged = new Set<EventId>()
  /** Were acknowledged, and lost by a server that was restored from an older backup. */
  readonly lost = new Set<EventId>()
  /** Edits of each device of which the person was told that they are kept. */
  readonly kept = new Map<Disk, Set<EventId>>()
  /** Edits that were waiting on a device when it was copied: each copy gets a verdict. */
  readonly #shared = new Set<EventId>()
  /** Whether the server was put back to a backup. */
  wasRestored = false
  failure: Error | null = null

  count(what: keyof Counts): void {
    this.counts[what] += 1
  }

  happens(what: Happening): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1)
  }

  fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error))
  }

  made(disk: Disk, ids: readonly EventId[]): void {
    const kept = this.kept.get(disk) ?? new Set()
    for (const id of ids) kept.add(id)
    this.kept.set(disk, kept)
  }

  copied(original: Disk, copy: Disk): void {
    const kept = this.kept.get(original) ?? new Set()
    for (const id of kept) this.#shared.add(id)
    this.kept.set(copy, new Set(kept))
  }

  isShared(id: EventId): boolean {
    return this.#shared.has(id)
  }

  appended(stored: readonly StoredEvent[]): void {
    for (const { event } of stored) {
      if (!isPipelineEvent(event)) continue
      this.stored.set(event.id, event)
      this.lost.delete(event.id)
    }
  }

  /** An answer has reached its device. */
  answered({ events }: PushMessage, answer: PushAnswer): void {
    const accepted = events.slice(0, answer.ok ? events.length : answer.at)
    for (const { id } of accepted) {
      if (!this.stored.has(id) && !this.lost.has(id)) {
        this.fail(new Error(`${id} was acknowledged, and is not in the log`))
      }
      this.acknowledged.add(id)
    }
    if (!answer.ok) this.count('rejections')
  }

  /** The server goes on from these events alone. */
  restored(backup: readonly StoredEvent[]): void {
    this.wasRestored = true
    const before = [...this.stored.keys()]
    this.stored.clear()
    this.appended(backup)
    for (const id of before) if (!this.stored.has(id)) this.lost.add(id)
    if (this.lost.size > 0) this.happens('lost history')
  }
}
