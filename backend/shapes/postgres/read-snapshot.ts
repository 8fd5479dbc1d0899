/** Reads a shape's rows as they are at one point in time, and says which point that is. */
import type pg from 'pg'
import { parsePgSnapshot, type PgSnapshot } from '../pg-snapshot.ts'
import type { SnapshotRequest, TextValues } from '../shape-database.ts'
import type { ShapeDefinition } from '../shape-definition.ts'
import { quoteIdentifier, whereSql } from './where-sql.ts'

const ROWS_AT_ONCE = 1_000

/** Values print as the change feed prints them, whatever the database's own settings are. */
const PRINTED_ALIKE = `
  SELECT set_config('DateStyle', 'ISO, DMY', true), set_config('IntervalStyle', 'iso_8601', true),
         set_config('TimeZone', 'UTC', true), set_config('bytea_output', 'hex', true),
         set_config('extra_float_digits', '1', true)`

/** Every value as the text that Postgres sent. */
const asText: pg.CustomTypesConfig = { getTypeParser: () => (text: string | Buffer) => text }

/** @param client outside of a transaction; it is left so, unless this throws */
export async function readSnapshot(
  client: pg.ClientBase,
  { definition, teamIds, onRows, signal }: SnapshotRequest,
): Promise<PgSnapshot> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  await client.query(PRINTED_ALIKE)
  const taken = await client.query<{ snapshot: string }>(
    'SELECT pg_current_snapshot()::text AS snapshot',
  )
  // Who follows the changes alone needs to know from when on they are, and no rows.
  if (definition.log === 'full') {
    await client.query(selectRows(definition, teamIds))
    for (;;) {
      signal.throwIfAborted()
      const { rows } = await client.query<(string | null)[]>({
        text: `FETCH ${ROWS_AT_ONCE} FROM shape_rows`,
        rowMode: 'array',
        types: asText,
      })
      onRows(rows satisfies readonly TextValues[])
      if (rows.length < ROWS_AT_ONCE) break
    }
  }
  await client.query('COMMIT')
  return parsePgSnapshot(taken.rows[0]!.snapshot)
}

/** All names come from the catalog, all values are parameters. */
function selectRows(
  { table, columns, where }: ShapeDefinition,
  teamIds: ReadonlySet<string>,
): { text: string; values: unknown[] } {
  const condition = where ? whereSql(where, 2) : { sql: 'true', values: [] }
  return {
    text: `DECLARE shape_rows NO SCROLL CURSOR FOR
      SELECT ${columns.map(quoteIdentifier).join(', ')}
        FROM ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}
       WHERE team_id = ANY ($1::uuid[]) AND ${condition.sql}`,
    values: [[...teamIds], ...condition.values],
  }
}
