/** What shapes need of the database that they show. */
import type { Observable } from 'rxjs'
import type { FeedChange } from '../../projections/postgres/change-feed.ts'
import type { PgSnapshot } from './pg-snapshot.ts'
import type { ShapeDefinition } from './shape-definition.ts'
import type { TableInfo } from './table-info.ts'

/** Values in the order of the definition's columns, as the texts that Postgres prints. */
export type TextValues = readonly (string | null)[]

export interface SnapshotRequest {
  readonly definition: ShapeDefinition
  readonly teamIds: ReadonlySet<string>
  /** Called with some rows at a time; what it throws ends the reading. */
  readonly onRows: (rows: readonly TextValues[]) => void
  /** Ends the reading with the signal's reason. */
  readonly signal: AbortSignal
}

/** Part of the feed, or a leap to a commit over changes that nobody can have any more. */
export type FeedNews =
  | { readonly kind: 'changes'; readonly changes: readonly FeedChange[] }
  | { readonly kind: 'leap'; readonly commit: number }

/** Every method throws ShapesUnavailable where Postgres does not answer. */
export interface ShapeDatabase {
  /** A table that is offered; null for every other name. */
  table(schema: string, name: string): Promise<TableInfo | null>
  /** Tables are looked up again: they may have been altered. */
  forgetTables(): void
  /** Reads the rows at one point in time, which it returns. */
  readSnapshot(request: SnapshotRequest): Promise<PgSnapshot>
  /** The feed's last commit. */
  lastCommit(): Promise<number>
  /**
   * The feed after a commit, for as long as somebody subscribes; errors are retried.
   * @param isWanted where it says no, the feed may pass over changes without handing them out
   */
  feedAfter(commit: number, isWanted: () => boolean): Observable<FeedNews>
  close(): Promise<void>
}
