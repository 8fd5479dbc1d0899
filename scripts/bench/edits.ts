/** Events for measuring with. */
import { randomBytes, randomUUID } from 'node:crypto'
import { hlcOf } from '../../domain/clock/hlc.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { ActorId, EventId, IntentId, PipelineId, ReplicaId } from '../../domain/ids.ts'

/** Edits as a person makes them, about 600 bytes each, by a replica of their own. */
export function makeEvents(pipelineId: PipelineId, count: number): PipelineEvent[] {
  const replicaId = randomBytes(6).toString('hex') as ReplicaId
  const actorId = randomUUID() as ActorId
  return Array.from({ length: count }, (_, i) => ({
    id: randomUUID() as EventId,
    type: 'StepConfigured',
    schema: 1,
    pipelineId,
    replicaId,
    seq: i + 1,
    clock: { [replicaId]: i + 1, k3v9x0q2m7ta: 17, b8b8b8b8b8b8: 3 },
    hlc: hlcOf(1_764_072_000_000 + i, 0),
    actorId,
    intentId: randomUUID() as IntentId,
    payload: { stepId: randomUUID(), key: 'script', value: `echo "line ${i}"\n`.repeat(6) },
  }))
}
