/** Where the read models are kept, as a port: what the projector and the rebuild ask of it. */
import type { ActorId, Position, StreamId, TeamId } from '../domain/ids.ts'
import type { Row, Table } from './read-model.ts'
import type { RowChanges } from './row-changes.ts'

/** How far the tables are, and what made them. */
export interface ProjectionCheckpoint {
  /** 0 before anything was projected. */
  readonly position: Position
  /** Of the event at the position; empty at 0. */
  readonly hash: string
  readonly version: number
}

/** What one stream's events come to. */
export interface StreamChanges {
  readonly streamId: StreamId
  readonly changes: readonly RowChanges[]
}

/** A stream whose rows could not be made or written; they stay as they were. */
export interface Fault {
  readonly streamId: StreamId
  readonly position: Position
  readonly message: string
  /** What was thrown, where this process has just met it. */
  readonly error?: unknown
}

export interface Batch {
  /** Where the tables are expected to be. */
  readonly from: Position
  readonly to: ProjectionCheckpoint
  readonly streams: readonly StreamChanges[]
  readonly faults: readonly Fault[]
  /** Streams whose fault is over. */
  readonly healed?: readonly StreamId[]
}

/** How many rows a rebuild found wrong, and has made right. */
export interface RowCounts {
  readonly table: string
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

export interface Replacement {
  readonly tables: readonly Table[]
  /** The only scope whose rows are replaced; all rows without it. */
  readonly scope?: string
  /** Scopes whose rows stay as they are. */
  readonly exceptScopes: readonly string[]
  /** Recorded with the rows; a partial replacement leaves the checkpoint where it is. */
  readonly checkpoint?: ProjectionCheckpoint
  readonly faults: readonly Fault[]
  readonly healed: readonly StreamId[]
}

/** The tables as their one writer sees them. Every write is one transaction. */
export interface ProjectionStore {
  checkpoint(): Promise<ProjectionCheckpoint>
  /** Streams at fault. */
  faults(): Promise<Fault[]>
  /** The teams of people, left ones too, as `users` has them. */
  teamsOf(people: readonly ActorId[]): Promise<Map<ActorId, TeamId[]>>
  /**
   * Writes a batch and its checkpoint. A stream whose rows the tables refuse becomes a fault, and
   * the others are written.
   * @returns all faults of the batch
   * @throws CheckpointMoved when the tables are not where the batch starts: nothing is written
   */
  write(batch: Batch): Promise<readonly Fault[]>
  /** Begins to collect the rows that tables should have. */
  collect(tables: readonly Table[]): Promise<void>
  /** @throws RowsRefused */
  add(table: Table, rows: readonly Row[]): Promise<void>
  /** Writes the differences between the tables and the collected rows. */
  replace(replacement: Replacement): Promise<RowCounts[]>
}

/** What it takes to follow the log; a rebuild needs the rest. */
export type LiveProjectionStore = Pick<
  ProjectionStore,
  'checkpoint' | 'faults' | 'teamsOf' | 'write'
>

/** Somebody else has written the read models since. */
export class CheckpointMoved extends Error {
  constructor(expected: Position) {
    super(`The read models are not at position ${expected} any more: another projector wrote them.`)
    this.name = 'CheckpointMoved'
  }
}

/** Rows that the tables cannot hold: writing them again would fail again. */
export class RowsRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RowsRefused'
  }
}
