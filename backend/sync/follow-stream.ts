import type { Subscription } from 'rxjs'
import type { StoredEvent } from '../../domain/events/event.ts'
import type { Position, Revision, StreamId } from '../../domain/ids.ts'
import { followLog, type GrowingLog } from '../../projections/catch-up.ts'
import type { LogTail } from './log-tail.ts'

/**
 * Sends a stream's events after a revision, and then each new one, in order and without gaps. The
 * next batch is read when `send` has resolved, so a slow reader holds one batch and no more.
 */
export function followStream(
  tail: LogTail,
  streamId: StreamId,
  after: Revision,
  batchSize: number,
  send: (events: readonly StoredEvent[]) => Promise<void>,
): Subscription {
  let sent = after
  // A stream is followed like the log, by its revisions in place of positions.
  const stream: GrowingLog = {
    readAll: (_, limit) => tail.readAfter(streamId, sent, limit),
    onGrowth(listener) {
      const subscription = tail.growthOf(streamId).subscribe(listener)
      return () => subscription.unsubscribe()
    },
  }
  const handle = async (events: readonly StoredEvent[]) => {
    await send(events)
    sent = events.at(-1)!.revision
  }
  return followLog(stream, 0 as Position, handle, { batchSize }).subscribe()
}
