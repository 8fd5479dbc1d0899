/** Makes events of changes: gives them ids, clocks and time stamps that continue a replica's. */
import { tickHlc, type Hlc } from '../clock/hlc.ts'
import type { VersionVector } from '../clock/version-vector.ts'
import type { PipelineEvent } from '../events/event.ts'
import { PIPELINE_EVENT_SCHEMA, type PipelineChange } from '../events/pipeline-events.ts'
import type { ActorId, EventId, IntentId, PipelineId, ReplicaId } from '../ids.ts'

/** Who acts, on which replica, and the sources of time and ids that the domain is handed. */
export interface Authorship {
  readonly actorId: ActorId
  readonly replicaId: ReplicaId
  readonly intentId: IntentId
  /** Milliseconds since 1970. */
  readonly now: number
  readonly newEventId: () => EventId
}

/** What the replica has applied, at the moment of acting. */
export interface Seen {
  readonly pipelineId: PipelineId
  readonly vector: VersionVector
  readonly greatestHlc: Hlc
}

/** The events of one gesture, in order, each having seen the ones before it. */
export function stampChanges(
  changes: readonly PipelineChange[],
  seen: Seen,
  author: Authorship,
): PipelineEvent[] {
  let hlc = seen.greatestHlc
  let seq = seen.vector[author.replicaId] ?? 0
  return changes.map(({ type, payload }) => {
    hlc = tickHlc(hlc, author.now)
    seq += 1
    return {
      id: author.newEventId(),
      type,
      schema: PIPELINE_EVENT_SCHEMA,
      pipelineId: seen.pipelineId,
      replicaId: author.replicaId,
      seq,
      clock: { ...seen.vector, [author.replicaId]: seq },
      hlc,
      actorId: author.actorId,
      intentId: author.intentId,
      payload,
    }
  })
}
