/**
 * The device's durable copy, as a port: events, the queue of those not yet acknowledged, snapshots.
 *
 * What every adapter guarantees, and the contract suite checks: what `write` does happens whole or
 * not at all, and is durable when it resolves; two writes never interleave, in other tabs neither.
 * Inside `read` and `write` only the methods of the transaction may be awaited, directly or through
 * a function that awaits one before it returns: a browser commits a transaction that is idle.
 */
import type { Hlc } from '../../domain/clock/hlc.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type {
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  Revision,
  TeamId,
} from '../../domain/ids.ts'
import type { StateSnapshot } from '../../domain/pipeline/snapshot.ts'
import type { Role } from '../../domain/team/roles.ts'
import type { RefusedEdit } from './replica.ts'

/** What holds for the whole device and person. */
export interface Device {
  readonly replicaId: ReplicaId
  /** Raised whenever a tab takes the upload lock or restamps: see the sync protocol. */
  readonly epoch: number
  /** What to add to this device's clock, in ms; negative where the server found it fast. */
  readonly clockOffset: number
}

/** What is known of one pipeline, without its content. */
export interface PipelineRecord {
  readonly id: PipelineId
  /** Of this pipeline alone, after its own was found copied to another device. */
  readonly replicaId?: ReplicaId
  /** Its own ones before that, where it was copied more than once. */
  readonly formerReplicaIds?: readonly ReplicaId[]
  readonly name: string
  readonly teamId: TeamId | null
  readonly role: Role | null
  /** The revision up to which the server's events are stored, and its hash. */
  readonly revision: Revision
  readonly hash: string | null
  /** The greatest time stamp of those events. */
  readonly greatestHlc: Hlc
  /** Whether the server is known to have it. */
  readonly onServer: boolean
  /** Raised whenever stored events were renumbered or taken out: states in memory are then stale. */
  readonly generation: number
}

/** An event on this device. */
export interface LocalEvent {
  readonly id: EventId
  readonly pipelineId: PipelineId
  readonly replicaId: ReplicaId
  readonly seq: number
  /** 0 until the server has told its revision. */
  readonly revision: Revision
  /** ISO 8601; empty until the server has told it. */
  readonly recordedAt: string
  readonly event: PipelineEvent
}

/** An event that the server has not acknowledged. */
export interface QueueEntry {
  readonly eventId: EventId
  readonly pipelineId: PipelineId
  readonly intentId: IntentId
  /** Milliseconds since 1970. */
  readonly queuedAt: number
  /** How often it was sent in vain. */
  readonly retries: number
}

export interface SnapshotRecord {
  readonly pipelineId: PipelineId
  readonly revision: Revision
  readonly snapshot: StateSnapshot
}

export interface ReadTransaction {
  /** Null before the first use of this device by this person. */
  device(): Promise<Device | null>
  pipeline(id: PipelineId): Promise<PipelineRecord | null>
  pipelines(): Promise<readonly PipelineRecord[]>
  snapshot(id: PipelineId): Promise<SnapshotRecord | null>
  /** Events with a revision above `after`, ascending. */
  confirmed(id: PipelineId, after: Revision): Promise<readonly LocalEvent[]>
  /** Events without a revision, in the order they were made. */
  unconfirmed(id: PipelineId): Promise<readonly LocalEvent[]>
  /**
   * Those of them that do not wait in the queue: acknowledged, and not come back yet. Cheap where
   * there is none, however much waits.
   */
  acknowledged(id: PipelineId): Promise<readonly LocalEvent[]>
  /** Events of one replica with a seq above `after`, ascending; the first `limit` of them. */
  ofReplica(
    id: PipelineId,
    replicaId: ReplicaId,
    after: number,
    limit?: number,
  ): Promise<readonly LocalEvent[]>
  /** The oldest entries of the queue, of one pipeline or of all; `limit` may be Infinity. */
  queue(limit: number, id?: PipelineId): Promise<readonly QueueEntry[]>
  events(ids: readonly EventId[]): Promise<readonly LocalEvent[]>
  /** How many events wait in the queue, of one pipeline or of all. */
  queueLength(id?: PipelineId): Promise<number>
  /**
   * How much waits in the queue: events, and the gestures they belong to. Of very many, more than
   * anybody counts, each event stands for a gesture.
   */
  queueSize(): Promise<{ readonly events: number; readonly gestures: number }>
  /** The gestures that wait of each pipeline that has any, counted like those of `queueSize`. */
  gesturesByPipeline(): Promise<ReadonlyMap<PipelineId, number>>
  refused(): Promise<readonly RefusedEdit[]>
}

export interface WriteTransaction extends ReadTransaction {
  putDevice(device: Device): Promise<void>
  putPipeline(record: PipelineRecord): Promise<void>
  putSnapshot(record: SnapshotRecord): Promise<void>
  putEvents(events: readonly LocalEvent[]): Promise<void>
  deleteEvents(ids: readonly EventId[]): Promise<void>
  /** Puts entries at the end of the queue; an event that is in it already keeps its place. */
  enqueue(entries: readonly QueueEntry[]): Promise<void>
  dequeue(eventIds: readonly EventId[]): Promise<void>
  putRefused(edits: readonly RefusedEdit[]): Promise<void>
  deleteRefused(eventIds: readonly string[]): Promise<void>
  /** Forgets a pipeline: record, events, snapshot and queue; refused edits stay. */
  erasePipeline(id: PipelineId): Promise<void>
}

export interface LocalStore {
  /** Whether it outlives the page. */
  readonly durable: boolean
  read<T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T>
  /** @throws StorageFailed when nothing was written */
  write<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T>
  close(): void
}

/** The device could not store something: out of space, or its database is gone. */
export class StorageFailed extends Error {
  readonly code = 'storage-failed'
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StorageFailed'
  }
}
