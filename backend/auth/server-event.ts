import { v7 as uuidv7 } from 'uuid'
import type { ServerEvent } from '../../domain/events/event.ts'
import type { ActorId, EventId, StreamId } from '../../domain/ids.ts'
import type { AccountChange, TeamChange } from '../../domain/team/team-events.ts'

/** An event about a team or an account, in the name of the person who caused it. */
export function serverEvent(
  streamId: StreamId,
  actorId: ActorId,
  change: TeamChange | AccountChange,
): ServerEvent {
  return { id: uuidv7() as EventId, schema: 1, streamId, actorId, ...change }
}
