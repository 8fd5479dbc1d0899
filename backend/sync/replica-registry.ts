/**
 * Which person a device's replica id belongs to, as a port: whoever connected with it first.
 *
 * Every event shows its replica's id to the whole team, and a clock or an epoch under that id would
 * be believed to be the device's own. So an id that somebody has connected with is theirs alone, in
 * pipelines that they have never written to as well.
 */
import type { ActorId, ReplicaId } from '../../domain/ids.ts'

export interface ReplicaRegistry {
  /** Takes an id for a person; false where it is somebody else's. */
  claim(replicaId: ReplicaId, actorId: ActorId): Promise<boolean>
  /** Whose it is; null for one that nobody has connected with. */
  ownerOf(replicaId: ReplicaId): Promise<ActorId | null>
}
