import pg from 'pg'
import { migrate } from '../../../backend/postgres/migrations.ts'
import { projectionMigrations } from '../../../projections/postgres/migrations.ts'
import { readModels } from '../../../projections/read-models.ts'
import { testDatabase } from '../../support/postgres.ts'

export interface ProjectionDatabase {
  readonly pool: pg.Pool
  /** Every row of every read model, by table, sorted: two databases with equal rows give equal texts. */
  rows(): Promise<Record<string, string[]>>
  /** The answers of a query that gives one JSON a row. */
  values(query: string): Promise<unknown[]>
  /** Breaks the connection that holds the projector's lease, if there is one; whether it did. */
  breakLease(): Promise<boolean>
  drop(): Promise<void>
}

/** A database with the read models and their feed, empty. */
export async function projectionDatabase(): Promise<ProjectionDatabase> {
  const database = await testDatabase()
  const pool = new pg.Pool({ connectionString: database.url, max: 12 })
  pool.on('error', () => undefined)
  await migrate(pool, projectionMigrations)
  return {
    pool,
    async rows() {
      const tables: Record<string, string[]> = {}
      for (const { table } of readModels) {
        const { rows } = await pool.query<{ row: string }>(
          `SELECT to_jsonb(t)::text AS row FROM public.${table} t ORDER BY 1`,
        )
        tables[table] = rows.map(({ row }) => row)
      }
      return tables
    },
    async values(query) {
      const { rows } = await pool.query<unknown[]>({ text: query, rowMode: 'array' })
      return rows.map(([value]) => value)
    },
    async breakLease() {
      const { rowCount } = await pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks
          WHERE locktype = 'advisory' AND granted
            AND (classid::bigint << 32) + objid::bigint = 4718261056`,
      )
      return rowCount === 1
    },
    async drop() {
      await pool.end()
      await database.drop()
    },
  }
}
