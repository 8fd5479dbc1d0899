/** Looks tables up in Postgres' catalog. */
import type pg from 'pg'
import type { Column, TableInfo } from '../table-info.ts'

const LOOK_UP = `
  SELECT c.oid::text, n.nspname AS schema, c.relname AS name,
         (SELECT json_agg(json_build_object(
                   'name', a.attname, 'type', coalesce(e.typname, t.typname),
                   'dimensions', CASE WHEN e.oid IS NULL THEN 0 ELSE greatest(a.attndims, 1) END,
                   'isNotNull', a.attnotnull) ORDER BY a.attnum)
            FROM pg_attribute a
            JOIN pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
         (SELECT json_agg(a.attname ORDER BY k.place)
            FROM pg_index i
           CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
           WHERE i.indrelid = c.oid AND i.indisprimary AND k.place <= i.indnkeyatts) AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')`

interface Found {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  readonly key: readonly string[] | null
}

/** Null where there is no such table, or none with a primary key. */
export async function lookUpTable(
  database: Pick<pg.Pool, 'query'>,
  schema: string,
  name: string,
): Promise<TableInfo | null> {
  const { rows } = await database.query<Found>(LOOK_UP, [schema, name])
  const [found] = rows
  if (!found?.key) return null
  return { ...found, oid: Number(found.oid), key: found.key }
}
