/** The shapes' database in Postgres; the driver's errors are translated here, once. */
import pg from 'pg'
import type { Observable } from 'rxjs'
import type { FeedNews, ShapeDatabase } from '../shape-database.ts'
import { ShapeTooLarge } from '../fill-shape.ts'
import { ShapesUnavailable } from '../shapes-unavailable.ts'
import type { TableInfo } from '../table-info.ts'
import { followFeed, lastCommit } from './follow-feed.ts'
import { readSnapshot } from './read-snapshot.ts'
import { lookUpTable } from './table-catalog.ts'

export interface PostgresShapeDatabaseOptions {
  readonly databaseUrl: string
  /** Names of the tables of the schema `public` that are offered. */
  readonly tables: readonly string[]
  readonly snapshotsAtOnce: number
  readonly snapshotsWaiting: number
  /** Gets what is retried, and the errors of idle connections. */
  readonly onError: (error: unknown) => void
}

const CONNECT_MS = 5_000
/** Longer than a snapshot of the largest shape takes. */
const STATEMENT_MS = 30_000
/** Of a connection that nobody answers on. */
const QUERY_MS = 35_000

export function createPostgresShapeDatabase(options: PostgresShapeDatabaseOptions): ShapeDatabase {
  const connection: pg.ClientConfig = {
    connectionString: options.databaseUrl,
    application_name: 'tributary shapes',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: QUERY_MS,
  }
  const pool = new pg.Pool({
    ...connection,
    max: options.snapshotsAtOnce,
    // Also of those that wait for their turn.
    connectionTimeoutMillis: STATEMENT_MS,
  })
  pool.on('error', options.onError)
  const tables = new Map<string, Promise<TableInfo | null>>()

  return {
    table(schema, name) {
      if (schema !== 'public' || !options.tables.includes(name)) return Promise.resolve(null)
      const known = tables.get(name) ?? lookUpTable(pool, schema, name).catch(refuse)
      tables.set(name, known)
      // Only what was found is remembered.
      const forget = () => tables.delete(name)
      known.then((table) => table ?? forget(), forget)
      return known
    },
    forgetTables: () => tables.clear(),
    async readSnapshot(request) {
      if (pool.waitingCount >= options.snapshotsWaiting) {
        throw new ShapesUnavailable(
          'concurrent_request_limit_exceeded',
          'Too many shapes are being made at once. Try again in a moment.',
        )
      }
      const client = await pool.connect().catch(refuse)
      let failed = true
      // A connection that breaks between two statements says so here; the next statement fails.
      const ignore = () => undefined
      client.on('error', ignore)
      try {
        const snapshot = await readSnapshot(client, request)
        failed = false
        return snapshot
      } catch (error) {
        if (error instanceof ShapeTooLarge || request.signal.aborted) throw error
        return refuse(error)
      } finally {
        client.off('error', ignore)
        // Closing the connection ends its transaction too.
        client.release(failed)
      }
    },
    lastCommit: () => lastCommit(pool).catch(refuse),
    feedAfter: (after, isWanted): Observable<FeedNews> =>
      followFeed({ connection, after, isWanted, onRetry: options.onError }),
    close: () => pool.end(),
  }
}

function refuse(cause: unknown): never {
  const message = 'The tables cannot be read right now. Try again in a moment.'
  throw new ShapesUnavailable('database_unreachable', message, { cause })
}
