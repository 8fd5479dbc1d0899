/**
 * What this device sends again to a server that has lost history, being restored from a backup.
 *
 * Nobody else may be able to: an edit that was acknowledged is here, on the device that made it, and
 * on those that saw it, of which each brings back its own.
 */
import { includes, type VersionVector } from '../../domain/clock/version-vector.ts'
import type { EventId, PipelineId, Revision } from '../../domain/ids.ts'
import { restoreSnapshot } from '../../domain/pipeline/snapshot.ts'
import { initialState, vectorOf, type PipelineState } from '../../domain/pipeline/state.ts'
import type {
  LocalEvent,
  PipelineRecord,
  ReadTransaction,
  WriteTransaction,
} from './local-store.ts'
import { renumber } from './restamp.ts'
import {
  adoptSnapshot,
  forgetSnapshot,
  localEvent,
  movedTo,
  newRecord,
  ownReplicas,
  queueInOrder,
  type QueuePorts,
} from './stored-pipeline.ts'
import type { PipelineSnapshot } from './transport.ts'

/** What a server has of a pipeline whose history is another than this device's. */
export interface OtherHistory {
  readonly snapshot: PipelineSnapshot
  /**
   * Every event in it. By their numbers alone nobody could tell: a copy of this device may have
   * taken one for an edit of its own, when the server had lost ours.
   */
  readonly ids: ReadonlySet<EventId>
}

/**
 * Starts again from a server that has lost history, restored from an old backup: this device's own
 * events that it lacks go back into the queue, everything else is taken from the server. Those of
 * the person's other devices come back from there: two that sent the same would number it twice.
 */
export async function adoptOtherHistory(
  tx: WriteTransaction,
  id: PipelineId,
  { snapshot, ids }: OtherHistory,
  ports: QueuePorts,
): Promise<PipelineRecord> {
  const server = restoreSnapshot(snapshot.state) ?? initialState(id)
  await queueLost(tx, server, ids, ports)
  return adoptSnapshot(tx, id, snapshot)
}

/**
 * Queues what this device has of a pipeline of which the server has nothing left, where it was made
 * here; false where it was not, for nobody else may send its creation.
 */
export async function queueFounded(
  tx: WriteTransaction,
  id: PipelineId,
  ports: QueuePorts,
): Promise<boolean> {
  const record = await tx.pipeline(id)
  const known = [...(await tx.confirmed(id, 0 as Revision)), ...(await tx.unconfirmed(id))]
  const own = record && ownReplicas(record, (await tx.device())!)
  const creation = known.find(({ event }) => event.type === 'PipelineCreated')
  if (!creation || !own?.has(creation.replicaId)) return false
  await queueLost(tx, initialState(id), new Set(), ports)
  await forgetSnapshot(tx, id)
  await tx.putPipeline({ ...(await tx.pipeline(id))!, onServer: false })
  return true
}

/** Events that were acknowledged, have not come back yet, and are not in what the server has. */
export async function acknowledgedAndLost(
  tx: ReadTransaction,
  id: PipelineId,
  vector: VersionVector,
): Promise<readonly LocalEvent[]> {
  return (await tx.acknowledged(id)).filter(({ event }) => !includes(vector, event))
}

/**
 * Queues events that were acknowledged and that the server lacks: one that was restored from a
 * backup does. False where there is none.
 * @param vector of the server, asked for after they were acknowledged
 */
export async function queueUnconfirmed(
  tx: WriteTransaction,
  id: PipelineId,
  vector: VersionVector,
  now: number,
): Promise<boolean> {
  const lost = new Set((await acknowledgedAndLost(tx, id, vector)).map((row) => row.id))
  if (lost.size === 0) return false
  const waiting = new Set((await tx.queue(Infinity, id)).map((entry) => entry.eventId))
  const unconfirmed = (await tx.unconfirmed(id)).map((row) => row.event)
  // Before what was made after them.
  const again = unconfirmed.filter((event) => waiting.has(event.id) || lost.has(event.id))
  await queueInOrder(tx, again, now)
  return true
}

/**
 * Puts this device's own events that a server lacks back into the queue, and lets go of the rest.
 * What they have seen of others and the server has lost is not waited for: they would be out of
 * sight until it came back, and the next edit would take their numbers. Where a copy of this device
 * has taken one of their numbers meanwhile, they go on under another replica id.
 * @param here the ids of what the server has
 */
async function queueLost(
  tx: WriteTransaction,
  server: PipelineState,
  here: ReadonlySet<EventId>,
  { now, newReplicaId }: QueuePorts,
): Promise<void> {
  const { id } = server
  const device = (await tx.device())!
  let record = (await tx.pipeline(id)) ?? newRecord(id)
  const own = ownReplicas(record, device)
  const confirmed = await tx.confirmed(id, 0 as Revision)
  const unconfirmed = await tx.unconfirmed(id)
  let again = [...confirmed, ...unconfirmed]
    .map((row) => row.event)
    .filter((event) => own.has(event.replicaId) && !here.has(event.id))
    .sort((a, b) => (a.hlc < b.hlc ? -1 : 1))
  for (const from of own) {
    const known = server.replicas.get(from)?.seq ?? 0
    const taken = again.find((event) => event.replicaId === from && event.seq <= known)
    const to = taken ? newReplicaId() : from
    if (taken) record = movedTo(record, device, from, to)
    const numbers = taken
      ? { keptSeq: taken.seq - 1, lastSeq: 0 }
      : { keptSeq: known, lastSeq: known }
    again = renumber(again, { from, to, ...numbers, within: vectorOf(server) })
  }
  const arrived = unconfirmed.filter((row) => here.has(row.id))
  await tx.dequeue(arrived.map((row) => row.id))
  await tx.deleteEvents([...confirmed, ...arrived].map((row) => row.id))
  await tx.putEvents(again.map(localEvent))
  await queueInOrder(tx, again, now())
  await tx.putPipeline(record)
  // A push that is under way holds their old numbers.
  await tx.putDevice({ ...device, epoch: device.epoch + 1 })
}
