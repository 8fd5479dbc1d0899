import pg from 'pg'
import { migrate, type Migration } from './migrations.ts'

export interface PoolOptions {
  readonly databaseUrl: string
  /** What the connections are called in `pg_stat_activity`. */
  readonly name: string
  /** Connections at most. */
  readonly max: number
  /** Milliseconds after which Postgres ends a statement. */
  readonly statementMs: number
  /** Applied before the pool is handed out. */
  readonly migrations: readonly Migration[]
  /** Gets the errors of idle connections, which nobody waits for. */
  readonly onError: (error: Error) => void
}

const CONNECT_MS = 5_000

/** Connections to a database that has been brought up to date. */
export async function openPool(options: PoolOptions): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    application_name: options.name,
    max: options.max,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: options.statementMs,
    keepAlive: true,
  })
  pool.on('error', options.onError)
  try {
    await migrate(pool, options.migrations)
    return pool
  } catch (error) {
    await pool.end()
    throw error
  }
}
