/** Folds of streams, advanced as events come and made again from the log where they were let go. */
import type { StoredEvent } from '../domain/events/event.ts'
import type { Position, Revision, StreamId } from '../domain/ids.ts'
import { LogUnavailable, type EventLog } from '../domain/log/event-log.ts'

/** How a kind of stream is folded; `advance` may change the fold in place. */
export interface StreamKind<Fold> {
  readonly initial: (streamId: StreamId) => Fold
  readonly advance: (fold: Fold, stored: StoredEvent) => Fold
}

/** Which events a fold includes: those up to a revision of the stream, or up to a log position. */
export type Until = { readonly revision: number } | { readonly position: Position }

export type StreamReader = Pick<EventLog, 'readStream'>

/** Events in all cached folds together: those of a few hundred pipelines, in some 200 MB. */
const CAPACITY = 200_000
/** Events per read of a stream. */
const PAGE = 1_000

interface Entry<Fold> {
  fold: Fold
  revision: number
}

export class FoldCache<Fold> {
  private readonly log: StreamReader
  private readonly kind: StreamKind<Fold>
  private readonly capacity: number
  /** Least recently used first. */
  private readonly entries = new Map<StreamId, Entry<Fold>>()
  private cached = 0

  constructor(log: StreamReader, kind: StreamKind<Fold>, capacity = CAPACITY) {
    this.log = log
    this.kind = kind
    this.capacity = capacity
  }

  /** The fold of a stream's events up to there. */
  async at(streamId: StreamId, until: Until): Promise<Fold> {
    let entry = this.take(streamId)
    // One that is ahead was advanced by a batch that was not written.
    if (!entry || ('revision' in until && entry.revision > until.revision)) {
      entry = { fold: this.kind.initial(streamId), revision: 0 }
    }
    for await (const stored of readStream(this.log, streamId, entry.revision, until)) {
      this.step(entry, stored)
    }
    if ('revision' in until && entry.revision < until.revision) {
      throw new LogUnavailable(
        `The log does not show revision ${until.revision} of ${streamId} yet.`,
      )
    }
    return this.keep(streamId, entry)
  }

  /**
   * The fold that `at` gave last, advanced by the events that follow it. One that an error leaves
   * half advanced is let go.
   */
  advance(streamId: StreamId, events: readonly StoredEvent[]): Fold {
    const entry = this.take(streamId)
    if (!entry) throw new Error(`${streamId} is advanced before it was asked for`)
    for (const stored of events) this.step(entry, stored)
    return this.keep(streamId, entry)
  }

  private step(entry: Entry<Fold>, stored: StoredEvent): void {
    entry.fold = this.kind.advance(entry.fold, stored)
    entry.revision = stored.revision
  }

  private take(streamId: StreamId): Entry<Fold> | undefined {
    const entry = this.entries.get(streamId)
    if (entry) this.cached -= entry.revision
    this.entries.delete(streamId)
    return entry
  }

  private keep(streamId: StreamId, entry: Entry<Fold>): Fold {
    this.entries.set(streamId, entry)
    this.cached += entry.revision
    for (const oldest of this.entries.keys()) {
      if (this.cached <= this.capacity || oldest === streamId) break
      this.take(oldest)
    }
    return entry.fold
  }
}

/** A fold of a stream's events up to there, made for this once. */
export async function foldStream<Fold>(
  log: StreamReader,
  kind: StreamKind<Fold>,
  streamId: StreamId,
  until: Until,
): Promise<Fold> {
  let fold = kind.initial(streamId)
  for await (const stored of readStream(log, streamId, 0, until)) fold = kind.advance(fold, stored)
  return fold
}

/** The events of a stream after a revision, page by page. */
async function* readStream(
  log: StreamReader,
  streamId: StreamId,
  after: number,
  until: Until,
): AsyncGenerator<StoredEvent> {
  let at = after
  for (;;) {
    const limit = 'revision' in until ? Math.min(PAGE, until.revision - at) : PAGE
    if (limit <= 0) return
    const page = await readPage(log, streamId, at as Revision, limit)
    for (const stored of page) {
      if ('position' in until && stored.position > until.position) return
      yield stored
      at = stored.revision
    }
    if (page.length < limit) return
  }
}

/** Tells an error of the log, which passes, from one of folding, which is the stream's own. */
async function readPage(log: StreamReader, streamId: StreamId, after: Revision, limit: number) {
  try {
    return await log.readStream(streamId, { after, limit })
  } catch (error) {
    if (error instanceof LogUnavailable) throw error
    throw new LogUnavailable(`Reading ${streamId} failed.`, { cause: error })
  }
}
