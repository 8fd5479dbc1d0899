import type { Position } from '../domain/ids.ts'
import type { EventLog } from '../domain/log/event-log.ts'
import type { ProjectionCheckpoint } from './projection-store.ts'

/** Whether the log still is the one that a checkpoint was taken in: the event there is the same. */
export async function isInHistory(
  log: Pick<EventLog, 'readAll'>,
  { position, hash }: ProjectionCheckpoint,
): Promise<boolean> {
  if (position === 0) return true
  const [stored] = await log.readAll((position - 1) as Position, 1)
  return stored?.hash === hash
}

/** The read models were made from a log that this one does not continue. */
export class OtherHistory extends Error {
  readonly code = 'other-history'
  constructor(position: Position) {
    super(
      `The read models are at position ${position} of another log than this one: the log was ` +
        'replaced or restored. Check that it is the right one, then run npm run projections:rebuild.',
    )
    this.name = 'OtherHistory'
  }
}
