import type { ReplicaRegistry } from '../../backend/sync/replica-registry.ts'
import type { ActorId, ReplicaId } from '../../domain/ids.ts'

export function createMemoryReplicaRegistry(): ReplicaRegistry {
  const owners = new Map<ReplicaId, ActorId>()
  return {
    ownerOf: async (replicaId) => owners.get(replicaId) ?? null,
    async claim(replicaId, actorId) {
      if (!owners.has(replicaId)) owners.set(replicaId, actorId)
      return owners.get(replicaId) === actorId
    },
  }
}
