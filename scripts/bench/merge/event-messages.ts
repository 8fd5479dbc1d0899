/** The trace as our events on the wire: an array of events as JSON, one array for each message. */
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { Prepared } from './contestant.ts'
import { LATE_BASE, LATE_EDITS } from './contestant.ts'
import { inBatches } from './exchange.ts'
import { withLateBranch } from './late-branch.ts'
import { eventsOf, type Trace } from './trace.ts'

export function eventMessages(
  trace: Trace,
): Pick<Prepared, 'start' | 'messages' | 'batches' | 'late'> {
  const { initial, byOp } = eventsOf(withLateBranch(trace, LATE_BASE, LATE_EDITS))
  const messageOf = (events: readonly (readonly PipelineEvent[])[]) => JSON.stringify(events.flat())
  const onTime = byOp.slice(0, trace.ops.length)
  return {
    start: JSON.stringify(initial),
    messages: onTime.map((events) => JSON.stringify(events)),
    batches: inBatches(onTime).map((batch) => [messageOf(batch)]),
    late: [messageOf(byOp.slice(trace.ops.length))],
  }
}
