/** What every run begins with: a team, and pipelines of four steps that are on the server already. */
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { PipelineChange } from '../../domain/events/pipeline-events.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  StepId,
  TeamId,
} from '../../domain/ids.ts'
import { stampChanges } from '../../domain/pipeline/stamp.ts'
import { initialState, vectorOf, type PipelineState } from '../../domain/pipeline/state.ts'
import { EVENTS_START_MS, namedUuid } from '../support/events.ts'

export const TEAM = namedUuid('team') as TeamId

export function firstEvents(id: PipelineId, actorId: ActorId): PipelineEvent[] {
  const changes: PipelineChange[] = [
    { type: 'PipelineCreated', payload: { name: 'Orders', teamId: TEAM } },
    ...[0, 1, 2, 3].map((n): PipelineChange => {
      const stepId = namedUuid('step', n) as StepId
      const [placement, config] = [{ x: n * 10, y: 0 }, { k0: 0 }]
      return {
        type: 'StepAdded',
        payload: { stepId, kind: 'http', name: `s${n}`, placement, config },
      }
    }),
  ]
  const state: PipelineState = initialState(id)
  const seen = { pipelineId: id, vector: vectorOf(state), greatestHlc: state.greatestHlc }
  let minted = 0
  return stampChanges(changes, seen, {
    actorId,
    replicaId: 'founder00000' as ReplicaId,
    intentId: namedUuid('founding', id) as IntentId,
    now: EVENTS_START_MS,
    newEventId: () => namedUuid('founding', id, ++minted) as EventId,
  })
}
