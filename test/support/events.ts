/** Builders of valid events; the same arguments always give the same event. */
import { createHash } from 'node:crypto'
import { hlcOf } from '../../domain/clock/hlc.ts'
import type { VersionVector } from '../../domain/clock/version-vector.ts'
import type { PipelineEvent, ServerEvent } from '../../domain/events/event.ts'
import { PIPELINE_EVENT_SCHEMA } from '../../domain/events/pipeline-events.ts'
import { teamStream } from '../../domain/ids.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  StepId,
  TeamId,
} from '../../domain/ids.ts'

/** Where the clocks of test events start: 25 November 2025, 12:00 UTC. */
export const EVENTS_START_MS = 1_764_072_000_000

/** A uuid (version 7 by its form) that is a function of its name. */
export function namedUuid(...name: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(name.join('/')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * A pipeline event: by default step 'step' of pipeline 'pipeline' is moved by replica
 * 'replica00001'. Ids, clock and stamp follow from pipeline, replica and seq unless they are given.
 */
export function pipelineEvent(given: Partial<PipelineEvent> = {}): PipelineEvent {
  const pipelineId = given.pipelineId ?? (namedUuid('pipeline') as PipelineId)
  const replicaId = given.replicaId ?? ('replica00001' as ReplicaId)
  const seq = given.seq ?? 1
  const clock: VersionVector = { [replicaId]: seq }
  return {
    id: namedUuid('event', pipelineId, replicaId, seq) as EventId,
    type: 'StepMoved',
    schema: PIPELINE_EVENT_SCHEMA,
    pipelineId,
    replicaId,
    seq,
    clock,
    hlc: hlcOf(EVENTS_START_MS + seq, 0),
    actorId: namedUuid('actor', replicaId) as ActorId,
    intentId: namedUuid('intent', pipelineId, replicaId, seq) as IntentId,
    payload: { stepId: namedUuid('step') as StepId, placement: { x: 10 * seq, y: 0 } },
    ...given,
  }
}

/** Consecutive events of one replica; `given.seq` is that of the first. */
export function pipelineEvents(count: number, given: Partial<PipelineEvent> = {}): PipelineEvent[] {
  const first = given.seq ?? 1
  return Array.from({ length: count }, (_, i) => pipelineEvent({ ...given, seq: first + i }))
}

/** The nth event of a team, from 1: by default its renaming. */
export function teamEvent(
  teamId: TeamId,
  nth: number,
  given: Partial<ServerEvent> = {},
): ServerEvent {
  return {
    id: namedUuid('event', teamId, nth) as EventId,
    type: 'TeamRenamed',
    schema: 1,
    streamId: teamStream(teamId),
    actorId: namedUuid('actor', teamId) as ActorId,
    payload: { name: `Name ${nth}` },
    ...given,
  }
}
