/** What the local store holds of one pipeline, read and changed within a transaction. */
import { HLC_ZERO, laterHlc } from '../../domain/clock/hlc.ts'
import { includes, mergeVectors } from '../../domain/clock/version-vector.ts'
import type { PipelineEvent, StoredEvent } from '../../domain/events/event.ts'
import type { EventId, PipelineId, ReplicaId, Revision } from '../../domain/ids.ts'
import { sameJson } from '../../domain/json.ts'
import { deliver } from '../../domain/pipeline/causal-delivery.ts'
import { restoreSnapshot, takeSnapshot } from '../../domain/pipeline/snapshot.ts'
import {
  initialState,
  pipelineName,
  teamOf,
  type PipelineState,
} from '../../domain/pipeline/state.ts'
import type { PipelineSnapshot } from './transport.ts'
import type {
  Device,
  LocalEvent,
  LocalStore,
  PipelineRecord,
  QueueEntry,
  ReadTransaction,
  SnapshotRecord,
  WriteTransaction,
} from './local-store.ts'
import { renumber } from './restamp.ts'

/** A pipeline as this device has it. */
export interface LoadedPipeline {
  readonly record: PipelineRecord
  /** The server's events and this device's own, acknowledged or not. */
  readonly state: PipelineState
  readonly pending: readonly PipelineEvent[]
  /** What the server's events amount to, where there are many that no snapshot holds yet. */
  readonly snapshot: SnapshotRecord | null
}

/** More confirmed events than this are not folded at every opening: it takes a second. */
const FOLDED_AGAIN = 2_000

/** No bound: what may wait is bounded where it is written. */
const ALL = Infinity

export function newRecord(id: PipelineId): PipelineRecord {
  return {
    id,
    name: '',
    teamId: null,
    role: null,
    revision: 0 as Revision,
    hash: null,
    greatestHlc: HLC_ZERO,
    onServer: false,
    generation: 0,
  }
}

/** The replica that writes to a pipeline: the device's, or one of the pipeline's own after a fork. */
export function replicaOf(record: PipelineRecord, device: Device): ReplicaId {
  return record.replicaId ?? device.replicaId
}

/** A record whose next events take another replica id. */
export function withReplica(record: PipelineRecord, replicaId: ReplicaId): PipelineRecord {
  const { replicaId: before, formerReplicaIds = [] } = record
  const former = before === undefined ? formerReplicaIds : [...formerReplicaIds, before]
  return { ...record, replicaId, formerReplicaIds: former }
}

/** A record of which the events of one replica have become another's. */
export function movedTo(record: PipelineRecord, device: Device, from: ReplicaId, to: ReplicaId) {
  if (replicaOf(record, device) === from) return withReplica(record, to)
  return { ...record, formerReplicaIds: [...(record.formerReplicaIds ?? []), to] }
}

/** Every replica under which this device has written to a pipeline. */
export function ownReplicas(record: PipelineRecord, device: Device): ReadonlySet<ReplicaId> {
  const { formerReplicaIds = [] } = record
  return new Set([device.replicaId, replicaOf(record, device), ...formerReplicaIds])
}

/**
 * Builds a pipeline's state from its snapshot and its events; null where nothing is stored.
 * `unreadable`: another version of the program made the snapshot, and the events before it are not
 * here.
 */
export async function loadPipeline(
  tx: ReadTransaction,
  id: PipelineId,
): Promise<LoadedPipeline | 'unreadable' | null> {
  const record = await tx.pipeline(id)
  if (!record) return null
  const kept = await tx.snapshot(id)
  const restored = kept && restoreSnapshot(kept.snapshot)
  const from = restored ? kept.revision : (0 as Revision)
  const confirmed = await tx.confirmed(id, from)
  if (kept && !restored && confirmed[0]?.revision !== 1) return 'unreadable'
  const unconfirmed = await tx.unconfirmed(id)
  const pending = await pendingOf(tx, id, unconfirmed)
  const state = restored ?? initialState(id)
  const eventsOf = (rows: readonly LocalEvent[]) => rows.map((row) => row.event)
  const early = deliver(state, eventsOf(confirmed))
  const isWhole = early.length === 0 && state.unapplied.length === 0
  const isWorthIt = isWhole && confirmed.length > FOLDED_AGAIN
  const { revision } = record
  const snapshot = isWorthIt ? { pipelineId: id, revision, snapshot: takeSnapshot(state) } : null
  // Events that still wait for something have been stored out of order by another tab's transaction
  // that this one cannot see; they come again with it.
  deliver(state, [...early, ...eventsOf(unconfirmed)])
  return { record, state, pending, snapshot }
}

/**
 * Keeps a snapshot that a loading has made, so that the next one need not fold the same events;
 * they stay, for the history. Not where another history was taken up meanwhile.
 */
export async function keepSnapshot(
  tx: WriteTransaction,
  { record, snapshot }: LoadedPipeline,
): Promise<void> {
  if (!snapshot) return
  const now = await tx.pipeline(record.id)
  const isSame = now?.generation === record.generation && now.revision >= record.revision
  if (isSame) await tx.putSnapshot(snapshot)
}

/**
 * Those of a pipeline's unconfirmed events that wait in the queue. All of them do, but for what was
 * acknowledged and has not come back yet: then alone the queue is read, which may be long.
 */
async function pendingOf(
  tx: ReadTransaction,
  id: PipelineId,
  unconfirmed: readonly LocalEvent[],
): Promise<readonly PipelineEvent[]> {
  const events = unconfirmed.map((row) => row.event)
  if ((await tx.queueLength(id)) === events.length) return events
  const waiting = new Set((await tx.queue(ALL, id)).map((entry) => entry.eventId))
  return events.filter((event) => waiting.has(event.id))
}

export const localEvent = (event: PipelineEvent): LocalEvent => ({
  id: event.id,
  pipelineId: event.pipelineId,
  replicaId: event.replicaId,
  seq: event.seq,
  revision: 0 as Revision,
  recordedAt: '',
  event,
})

export const confirmedEvent = ({
  event,
  revision,
  recordedAt,
}: StoredEvent<PipelineEvent>): LocalEvent => ({
  ...localEvent(event),
  revision,
  recordedAt,
})

export const queueEntry = (event: PipelineEvent, queuedAt: number): QueueEntry => ({
  eventId: event.id,
  pipelineId: event.pipelineId,
  intentId: event.intentId,
  queuedAt,
  retries: 0,
})

/** Queues events in their order, whether they wait already or not. */
export async function queueInOrder(
  tx: WriteTransaction,
  events: readonly PipelineEvent[],
  now: number,
): Promise<void> {
  await tx.dequeue(events.map((event) => event.id))
  await tx.enqueue(events.map((event) => queueEntry(event, now)))
}

/** The first pending events of a pipeline, in queue order; `limit` may be Infinity. */
export async function pendingEvents(
  tx: ReadTransaction,
  id: PipelineId,
  limit = ALL,
): Promise<PipelineEvent[]> {
  const entries = await tx.queue(limit, id)
  if (limit !== ALL) return queuedEvents(tx, entries)
  // Together: one by one, a hundred thousand would take ten seconds.
  return inOrder(tx, entries, await tx.unconfirmed(id))
}

/** The events of queue entries, in their order. */
export async function queuedEvents(
  tx: ReadTransaction,
  entries: readonly QueueEntry[],
): Promise<PipelineEvent[]> {
  const [oldest] = entries
  const [first] = oldest ? await tx.events([oldest.eventId]) : []
  if (!first) return inOrder(tx, entries, [])
  // What was made in a row is read in a row: one by one takes ten times as long.
  const { pipelineId, replicaId, seq } = first
  return inOrder(tx, entries, await tx.ofReplica(pipelineId, replicaId, seq - 1, entries.length))
}

/** @param known rows among which most of the entries' events are; the others are read */
async function inOrder(
  tx: ReadTransaction,
  entries: readonly QueueEntry[],
  known: readonly LocalEvent[],
): Promise<PipelineEvent[]> {
  const byId = new Map(known.map((row) => [row.id, row.event]))
  const others = entries.map((entry) => entry.eventId).filter((id) => !byId.has(id))
  for (const row of await tx.events(others)) byId.set(row.id, row.event)
  return entries.map((entry) => byId.get(entry.eventId)).filter((event) => event !== undefined)
}

/** What queueing again needs besides the store. */
export interface QueuePorts {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newReplicaId: () => ReplicaId
}

/** What storing the server's events came to. */
export type Stored =
  | { readonly kind: 'stored'; readonly record: PipelineRecord }
  /** Something between is missing: open again from what is here. */
  | { readonly kind: 'gap' }
  /** Events of this device turned out to be others than here: states in memory must be loaded again. */
  | { readonly kind: 'changed'; readonly record: PipelineRecord }

/**
 * Stores events of the server, takes them out of the queue, and gives this device a new replica id
 * for the pipeline where another device turns out to have the same one.
 */
export async function storeServerEvents(
  tx: WriteTransaction,
  device: Device,
  id: PipelineId,
  events: readonly StoredEvent<PipelineEvent>[],
  ports: QueuePorts,
): Promise<Stored> {
  const record = (await tx.pipeline(id)) ?? newRecord(id)
  const fresh = events.filter((stored) => stored.revision > record.revision)
  const last = fresh.at(-1)
  if (!last) return { kind: 'stored', record }
  if (!followsOn(record, fresh[0]!)) return { kind: 'gap' }
  const after: PipelineRecord = {
    ...record,
    revision: last.revision,
    hash: last.hash,
    greatestHlc: fresh.reduce((hlc, { event }) => laterHlc(hlc, event.hlc), record.greatestHlc),
    onServer: true,
  }
  const { forked, here } = await leaveForks(tx, device, after, fresh, ports)
  const isOther = await makeRoomFor(tx, id, fresh, here)
  const generation = forked.generation + (isOther ? 1 : 0)
  const kept = { ...forked, generation }
  await tx.putEvents(fresh.map(confirmedEvent))
  await tx.dequeue(fresh.map(({ event }) => event.id))
  // A copy of a refused push that was still under way may have been accepted after all.
  await tx.deleteRefused(fresh.map(({ event }) => event.id))
  await tx.putPipeline(kept)
  return { kind: generation > record.generation ? 'changed' : 'stored', record: kept }
}

/** Whether an event is the next one, in the same history: another tab may have taken up another. */
export function followsOn(
  { revision, hash }: Pick<PipelineRecord, 'revision' | 'hash'>,
  next: StoredEvent,
): boolean {
  return next.revision === revision + 1 && (hash === null || next.prevHash === hash)
}

/**
 * Gives other replica ids to what waits here in the places of accepted events. All ids of this device
 * are looked at: after a restored backup events of several wait, and a copy knows some of them.
 */
async function leaveForks(
  tx: WriteTransaction,
  device: Device,
  record: PipelineRecord,
  fresh: readonly StoredEvent<PipelineEvent>[],
  ports: QueuePorts,
): Promise<{ readonly forked: PipelineRecord; readonly here: readonly LocalEvent[] }> {
  let forked = record
  let here: LocalEvent[] = []
  for (const replicaId of ownReplicas(record, device)) {
    const mine = fresh.map(({ event }) => event).filter((event) => event.replicaId === replicaId)
    if (mine.length === 0) continue
    const inPlace = await rowsInPlaceOf(tx, mine)
    const fork = forkedAt(inPlace, mine)
    if (fork) forked = await forkReplica(tx, device, forked, fork, ports)
    here = [...here, ...inPlace]
  }
  // What a fork has moved lies elsewhere now.
  return { forked, here: forked === record ? here : [] }
}

/**
 * Whether events that wait here were accepted as others than they are here: sent before they were
 * renumbered or cut to what a restored server has, or by a copy of this device, which has its own
 * numbers for what waited when it was copied.
 */
async function makeRoomFor(
  tx: WriteTransaction,
  id: PipelineId,
  fresh: readonly StoredEvent<PipelineEvent>[],
  inPlace: readonly LocalEvent[],
): Promise<boolean> {
  const [oldest] = await tx.queue(1, id)
  if (!oldest && (await tx.acknowledged(id)).length === 0) return false
  const accepted = new Map(fresh.map(({ event }) => [event.id, event]))
  const inPlaceIds = new Set(inPlace.map((row) => row.id))
  const elsewhere = [...accepted.keys()].filter((eventId) => !inPlaceIds.has(eventId))
  const known = [...inPlace.filter((row) => accepted.has(row.id)), ...(await tx.events(elsewhere))]
  const waiting = known.filter((row) => row.revision === 0)
  const others = waiting.filter((row) => !sameJson(row.event, accepted.get(row.id)))
  const moved = others.filter(({ id: eventId, replicaId, seq }) => {
    const event = accepted.get(eventId)!
    return event.replicaId !== replicaId || event.seq !== seq
  })
  if (moved.length > 0) await closeGaps(tx, id, moved, accepted)
  return others.length > 0
}

/**
 * Numbers what still waits as if the events that were accepted elsewhere had never been before it:
 * with a gap, it would be out of sight, and the next edit would take a number that is taken. Whoever
 * had seen them has now seen them by their accepted numbers.
 */
async function closeGaps(
  tx: WriteTransaction,
  id: PipelineId,
  gone: readonly LocalEvent[],
  accepted: ReadonlyMap<EventId, PipelineEvent>,
): Promise<void> {
  const waiting = (await tx.unconfirmed(id)).map((row) => row.event)
  let left = waiting.filter((event) => !accepted.has(event.id))
  left = left.map((event) => {
    const seen = gone.filter((row) => includes(event.clock, row.event))
    const clocks = seen.map((row) => accepted.get(row.id)!.clock)
    return { ...event, clock: clocks.reduce(mergeVectors, event.clock) }
  })
  for (const from of new Set(gone.map((row) => row.replicaId))) {
    const first = Math.min(...gone.filter((row) => row.replicaId === from).map((row) => row.seq))
    left = renumber(left, { from, to: from, keptSeq: first - 1, lastSeq: first - 1 })
  }
  await tx.putEvents(left.map(localEvent))
  const device = (await tx.device())!
  await tx.putDevice({ ...device, epoch: device.epoch + 1 })
}

/** What this device has in the places of accepted events of its replica. */
async function rowsInPlaceOf(
  tx: ReadTransaction,
  mine: readonly PipelineEvent[],
): Promise<readonly LocalEvent[]> {
  const { pipelineId, replicaId, seq } = mine[0]!
  return tx.ofReplica(pipelineId, replicaId, seq - 1, mine.length)
}

/** The first accepted event of our replica that took the place of another one of ours. */
function forkedAt(
  inPlace: readonly LocalEvent[],
  mine: readonly PipelineEvent[],
): PipelineEvent | null {
  const ids = new Map(inPlace.map((row) => [row.seq, row.id]))
  return mine.find((event) => (ids.get(event.seq) ?? event.id) !== event.id) ?? null
}

/**
 * Moves the events that have not come back, from the fork on, to a new replica id, before the
 * accepted one is kept. Where one of them had been acknowledged, the server has lost it since, being
 * restored from a backup: it is sent again.
 */
async function forkReplica(
  tx: WriteTransaction,
  device: Device,
  record: PipelineRecord,
  { replicaId, seq }: PipelineEvent,
  { now, newReplicaId }: QueuePorts,
): Promise<PipelineRecord> {
  const to = newReplicaId()
  const ours = (await tx.unconfirmed(record.id)).map((row) => row.event)
  const moved = renumber(ours, { from: replicaId, to, keptSeq: seq - 1, lastSeq: 0 })
  await tx.putEvents(moved.map(localEvent))
  const acknowledged = new Set((await tx.acknowledged(record.id)).map((row) => row.id))
  const isLost = (event: PipelineEvent) => event.replicaId === to && acknowledged.has(event.id)
  if (moved.some(isLost)) {
    const again = moved.filter((event) => isLost(event) || !acknowledged.has(event.id))
    await queueInOrder(tx, again, now())
  }
  await tx.putDevice({ ...device, epoch: device.epoch + 1 })
  return { ...movedTo(record, device, replicaId, to), generation: record.generation + 1 }
}

/** Lets go of a snapshot, so that the server's events are asked for from the first one on. */
export async function forgetSnapshot(tx: WriteTransaction, id: PipelineId): Promise<void> {
  const record = (await tx.pipeline(id)) ?? newRecord(id)
  const revision = 0 as Revision
  await tx.putSnapshot({ pipelineId: id, revision, snapshot: takeSnapshot(initialState(id)) })
  await tx.putPipeline({
    ...record,
    revision,
    hash: null,
    greatestHlc: HLC_ZERO,
    generation: record.generation + 1,
  })
}

/** Replaces what is stored of the server's events by its snapshot; pending events stay. */
export async function adoptSnapshot(
  tx: WriteTransaction,
  id: PipelineId,
  { state, revision, hash }: PipelineSnapshot,
): Promise<PipelineRecord> {
  const record = (await tx.pipeline(id)) ?? newRecord(id)
  const after: PipelineRecord = {
    ...record,
    revision,
    hash,
    greatestHlc: state.greatestHlc,
    onServer: true,
    generation: record.generation + 1,
  }
  // What came before the snapshot would look like a history that begins at the beginning.
  const before = (await tx.confirmed(id, 0 as Revision)).filter((row) => row.revision <= revision)
  await tx.deleteEvents(before.map((row) => row.id))
  await tx.putSnapshot({ pipelineId: id, revision, snapshot: state })
  await tx.putPipeline(after)
  return after
}

/** Keeps the name for the list, which shows pipelines without opening them. */
export async function rememberName(
  store: LocalStore,
  state: PipelineState,
  { id, name }: PipelineRecord,
): Promise<void> {
  const now = { name: pipelineName(state), teamId: teamOf(state) }
  if (now.name === name) return
  await store.write(async (tx) => {
    const record = await tx.pipeline(id)
    if (record) await tx.putPipeline({ ...record, ...now })
  })
}

/** Name and team for the list, as they are once the events are applied. */
export function summaryAfter(state: PipelineState, events: readonly PipelineEvent[]) {
  const created = events.find((event) => event.type === 'PipelineCreated')
  const renamed = events.findLast((event) => event.type === 'PipelineRenamed')
  const founding = created?.payload as { name: string; teamId: string } | undefined
  const name = (renamed?.payload as { name: string } | undefined)?.name ?? founding?.name
  return {
    name: name ?? pipelineName(state),
    teamId: (founding?.teamId ?? teamOf(state)) as ReturnType<typeof teamOf>,
  }
}
