/**
 * The event log, as a port: append-only streams that flow into one order.
 *
 * What every engine guarantees, and the contract suite checks:
 * - an append is atomic, and durable when it is answered;
 * - revisions of a stream and positions of the log have no gaps, and the order of positions is the
 *   order of commits: a reader that asks for what lies after its position never misses an event;
 * - an append of events that are already there, at the place they would take, answers as the first
 *   one did: sending again is always safe;
 * - an event is in the log once: devices keep events by their id;
 * - each stored event continues its stream's hash chain, and no stored event ever changes.
 */
import type { LogEvent, StoredEvent } from '../events/event.ts'
import type { Position, ReplicaId, Revision, StreamId } from '../ids.ts'

/** Refuses an append by a replica whose epoch has been raised since: see the sync protocol. */
export interface Fence {
  readonly replicaId: ReplicaId
  readonly epoch: number
}

export interface AppendRequest {
  readonly streamId: StreamId
  /**
   * The stream's head as the caller knows it; 0 for a stream that does not exist yet. Not looked at
   * where there are no events.
   */
  readonly expectedRevision: Revision
  /** At least one, unless there is a fence to raise. */
  readonly events: readonly LogEvent[]
  /** Raised by an append that is answered ok, so by a repeated one too; never by a refused one. */
  readonly fence?: Fence
}

/**
 * A repeated append is ok whatever its epoch; otherwise a stale epoch is told before a conflict. A
 * replica's number that is taken by another event is a conflict, even at the right revision.
 */
export type AppendResult =
  | { readonly ok: true; readonly stored: readonly StoredEvent[] }
  | { readonly ok: false; readonly reason: 'conflict'; readonly actualRevision: Revision }
  | { readonly ok: false; readonly reason: 'stale-epoch'; readonly epoch: number }

export interface StreamHead {
  /** 0 where the stream does not exist. */
  readonly revision: Revision
  /** 64 zeros where the stream does not exist. */
  readonly hash: string
}

export interface StreamRange {
  /** Events after this revision; 0 by default. */
  readonly after?: Revision
  /** Events before this revision; unbounded by default. */
  readonly before?: Revision
  readonly limit: number
  /** `backward` gives the newest first. */
  readonly direction?: 'forward' | 'backward'
}

export interface EventLog {
  /**
   * @throws LogUnavailable when the outcome is unknown or nothing was written: send again
   * @throws AppendRefused when no log can hold one of the events: sending again is in vain
   */
  append(request: AppendRequest): Promise<AppendResult>
  readStream(streamId: StreamId, range: StreamRange): Promise<StoredEvent[]>
  /** Events after a position, in the order of positions. */
  readAll(after: Position, limit: number): Promise<StoredEvent[]>
  streamHead(streamId: StreamId): Promise<StreamHead>
  /** The position of the newest event; 0 for an empty log. */
  head(): Promise<Position>
  /**
   * Calls back whenever the log may have grown, by this process or another; calls may be spurious
   * or merged, but after an append there is always one. Returns what stops it.
   */
  onGrowth(listener: () => void): () => void
}

/** The log cannot be reached, or did not say what became of an append. Trying again is safe. */
export class LogUnavailable extends Error {
  readonly code = 'unavailable'
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LogUnavailable'
  }
}

/** What is said of an event whose id is in the log already, at another place. */
export const TAKEN_ID = 'The event cannot be stored: its id is in the log already.'

/**
 * An event that no log can hold: not JSON, say, an id that is not a uuid, or one that is there
 * already at another place. Nothing was written.
 */
export class AppendRefused extends Error {
  readonly code = 'malformed'
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AppendRefused'
  }
}
