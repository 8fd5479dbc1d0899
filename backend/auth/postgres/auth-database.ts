/** The connections to the schema `auth`, with the driver's errors translated here, once. */
import pg from 'pg'
import { AuthStoreUnavailable } from '../auth-store.ts'
import { readMigrations } from '../../postgres/migrations.ts'
import { openPool } from '../../postgres/open-pool.ts'

const authMigrations = readMigrations(new URL('./migrations/', import.meta.url))

export interface AuthDatabase {
  /** @throws AuthStoreUnavailable */
  query(sql: string, values: readonly unknown[]): Promise<unknown[]>
  /**
   * Runs statements in one transaction at READ COMMITTED; what `work` throws rolls it back.
   * @throws AuthStoreUnavailable
   */
  transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface AuthDatabaseOptions {
  readonly databaseUrl: string
  /** Gets the errors of idle connections, which nobody waits for. */
  readonly onError: (error: Error) => void
}

/** Each request needs a connection for a millisecond. */
const CONNECTIONS = 6
/** Longer than any statement here takes, and than another sign-up holds its lock. */
const STATEMENT_MS = 10_000

/** Opens the schema `auth`, made or brought up to date where needed. */
export async function openAuthDatabase(options: AuthDatabaseOptions): Promise<AuthDatabase> {
  const pool = await openPool({
    ...options,
    name: 'tributary accounts',
    max: CONNECTIONS,
    statementMs: STATEMENT_MS,
    migrations: authMigrations,
  })
  return authDatabase(pool)
}

/**
 * Classes of SQLSTATE that speak of the server or the connection: connection, login, database,
 * resources, a lock not granted in time, shutdown or cancel, system.
 */
const OF_THE_SERVER = new Set(['08', '25', '28', '3D', '53', '55', '57', '58'])

function authDatabase(pool: pg.Pool): AuthDatabase {
  return {
    async query(sql, values) {
      try {
        return (await pool.query(sql, [...values])).rows as unknown[]
      } catch (error) {
        throw translated(error)
      }
    },
    async transaction(work) {
      const client = await pool.connect().catch((error: unknown) => {
        throw translated(error)
      })
      let failed = true
      // A connection that breaks between two statements says so here; the next statement fails.
      const ignore = () => undefined
      client.on('error', ignore)
      try {
        await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
        const result = await work(client)
        await client.query('COMMIT')
        failed = false
        return result
      } catch (error) {
        // Closing the connection rolls back, also where the connection does not answer any more.
        throw translated(error)
      } finally {
        client.off('error', ignore)
        client.release(failed)
      }
    },
    close: () => pool.end(),
  }
}

function translated(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    const state = error.code?.slice(0, 2) ?? ''
    return OF_THE_SERVER.has(state) ? unavailable(error) : error
  }
  return isOfTheConnection(error) ? unavailable(error) : error
}

function unavailable(cause: unknown): AuthStoreUnavailable {
  const said = cause instanceof Error ? cause.message : String(cause)
  return new AuthStoreUnavailable(`The accounts cannot be read or written now: ${said}`, { cause })
}

/** pg has no class of its own for these: system errors carry a code, its own only a sentence. */
const LOST =
  /^(Connection terminated|timeout exceeded|Client (has encountered|was closed)|Query read timeout)/

function isOfTheConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return LOST.test(error.message) || ('syscall' in error && 'code' in error)
}
