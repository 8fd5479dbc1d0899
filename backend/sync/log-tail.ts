/**
 * One tail of the log for all sockets of this node: it reads each new event once, remembers the
 * newest of each stream, and tells whoever follows that stream.
 *
 * A follower asks the tail for what lies after its revision. While it keeps up it is served from
 * memory; one that fell behind, or starts far back, is served from the log. So a slow reader costs
 * nobody else anything, and no follower can miss an event.
 */
import { Subject, filter, map, type Observable, type Subscription } from 'rxjs'
import type { StoredEvent } from '../../domain/events/event.ts'
import { streamOf } from '../../domain/events/event.ts'
import type { Position, Revision, StreamId } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { followLog } from '../../projections/catch-up.ts'
import { RecentMap } from '../recent-map.ts'

export interface LogTail {
  /** Tells whenever a stream has grown. */
  growthOf(streamId: StreamId): Observable<void>
  /** Up to `limit` events of a stream after a revision, ascending and without gaps. */
  readAfter(streamId: StreamId, after: Revision, limit: number): Promise<readonly StoredEvent[]>
  stop(): void
}

/** Events remembered for each stream: a few seconds of the busiest pipeline. */
const REMEMBERED = 500
/** Streams remembered at once. */
const MAX_STREAMS = 1_000

export async function startLogTail(log: EventLog): Promise<LogTail> {
  const recent = new RecentMap<StreamId, StoredEvent[]>(MAX_STREAMS)
  const grown = new Subject<ReadonlySet<StreamId>>()

  function remember(stored: StoredEvent): StreamId {
    const streamId = streamOf(stored.event)
    const events = recent.get(streamId) ?? []
    recent.set(streamId, events)
    events.push(stored)
    if (events.length > REMEMBERED) events.splice(0, events.length - REMEMBERED)
    return streamId
  }

  const subscription: Subscription = followLog(log, (await log.head()) as Position, async (batch) =>
    grown.next(new Set(batch.map(remember))),
  ).subscribe()

  return {
    growthOf: (streamId) =>
      grown.pipe(
        filter((streams) => streams.has(streamId)),
        map(() => undefined),
      ),
    async readAfter(streamId, after, limit) {
      const events = recent.get(streamId)
      const first = events?.[0]
      if (events && first && first.revision <= after + 1) {
        const from = after + 1 - first.revision
        return events.slice(from, from + limit)
      }
      return log.readStream(streamId, { after, limit })
    },
    stop() {
      subscription.unsubscribe()
      grown.complete()
    },
  }
}
