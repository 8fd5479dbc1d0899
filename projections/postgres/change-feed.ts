/** Reads the change feed; what it is and how it is filled is in migrations/0002-change-feed.sql. */
import type pg from 'pg'

/** Notified once for every commit in the feed, with its number. */
export const CHANGE_FEED_CHANNEL = 'pipeline_changes'

/** A place in the feed: right after one change. `{ commit: 0, op: 0 }` is before everything. */
export interface FeedPlace {
  /** Number of a commit, from 1, without gaps, in the order of commits. */
  readonly commit: number
  /** Number of a change in its commit, from 1, without gaps. */
  readonly op: number
}

/** Column -> value as the text that Postgres prints for it (in UTC and ISO style); null for null. */
export type RowImage = Readonly<Record<string, string | null>>

export interface FeedChange extends FeedPlace {
  /** Whether it is the last change of its commit. */
  readonly isLast: boolean
  /** The transaction's id, 64 bits wide, as decimal text. */
  readonly xid: string
  /** The oid of the table, which tells a dropped table from a new one of the same name. */
  readonly relation: number
  readonly schema: string
  readonly table: string
  readonly operation: 'insert' | 'update' | 'delete' | 'truncate'
  /** The primary key's values; all columns by name where there is none; null for a truncate. */
  readonly key: readonly (string | null)[] | null
  readonly oldRow: RowImage | null
  readonly newRow: RowImage | null
}

// The commits first, then of each the changes in question, whose ops have no gaps: whatever the
// planner believes of the tables, it reads little more than the page.
const READ = `
  SELECT c.commit_number::text AS commit, r.op, r.op = c.changes AS "isLast", c.xid::text AS xid,
         r.relation, r.relation_schema AS schema, r.relation_table AS table,
         r.operation, r.key, r.old_row AS "oldRow", r.new_row AS "newRow"
    FROM (SELECT *, CASE WHEN commit_number > $1 THEN 0 ELSE $2::bigint END AS seen
            FROM change_feed.commit
           WHERE commit_number >= $1 ORDER BY commit_number LIMIT $3::bigint + 1) c
   CROSS JOIN LATERAL (SELECT * FROM change_feed.change
           WHERE ticket = c.ticket AND op > c.seen AND op <= c.seen + $3::bigint) r
   ORDER BY c.commit_number, r.op LIMIT $3::bigint`

/** Up to `limit` changes after a place, in order; none is ever added before one that was read. */
export async function readChanges(
  database: Pick<pg.ClientBase, 'query'>,
  after: FeedPlace,
  limit: number,
): Promise<FeedChange[]> {
  const { rows } = await database.query<Omit<FeedChange, 'commit'> & { commit: string }>(READ, [
    after.commit,
    after.op,
    limit,
  ])
  return rows.map((row) => ({ ...row, commit: Number(row.commit) }))
}
