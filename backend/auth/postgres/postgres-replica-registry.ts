import type { ActorId } from '../../../domain/ids.ts'
import type { ReplicaRegistry } from '../../sync/replica-registry.ts'
import type { AuthDatabase } from './auth-database.ts'

export function createPostgresReplicaRegistry({ query }: AuthDatabase): ReplicaRegistry {
  const ownerOf: ReplicaRegistry['ownerOf'] = async (replicaId) => {
    const rows = await query('SELECT account_id AS "id" FROM auth.replica WHERE id = $1', [
      replicaId,
    ])
    return (rows[0] as { id: ActorId } | undefined)?.id ?? null
  }
  return {
    ownerOf,
    async claim(replicaId, actorId) {
      // Two devices that claim at once: the second finds the row of the first.
      await query(
        'INSERT INTO auth.replica (id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
        [replicaId, actorId],
      )
      return (await ownerOf(replicaId)) === actorId
    },
  }
}
