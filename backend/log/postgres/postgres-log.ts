/**
 * The event log in Postgres. Positions are given out under one lock that is held to the commit, so
 * that the order of positions is the order of commits and no reader ever skips an event; appends
 * that wait share a commit. The SQL is in migrations/, the grouping in appender.ts.
 */
import pg from 'pg'
import type { EventLog } from '../../../domain/log/event-log.ts'
import { migrate, MigrationChanged, readMigrations } from '../../postgres/migrations.ts'
import { Appender } from './appender.ts'
import { createGrowth } from './growth.ts'
import { unavailable } from './postgres-failure.ts'
import { Reader } from './reader.ts'
import { LastClocks } from './stored-clocks.ts'

const logMigrations = readMigrations(new URL('./migrations/', import.meta.url))

export interface PostgresLogOptions {
  readonly databaseUrl: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface PostgresLog extends EventLog {
  /** Answers what waits, then closes the connections. */
  close(): Promise<void>
}

/** Two: while one group is in Postgres, under the lock, the next is hashed and parsed. */
const APPEND_CONNECTIONS = 2
const READ_CONNECTIONS = 4
/** Milliseconds, each shorter than the next: Postgres gives up before the driver does. */
const LOCK_TIMEOUT_MS = 10_000
const STATEMENT_TIMEOUT_MS = 20_000
const QUERY_TIMEOUT_MS = 25_000
const CONNECT_TIMEOUT_MS = 5_000

/**
 * Opens the log, and makes its tables or brings them up to date where that is needed.
 * @throws LogUnavailable when the database cannot be reached
 * @throws MigrationChanged when the database was made by SQL that has changed since
 */
export async function createPostgresLog(options: PostgresLogOptions): Promise<PostgresLog> {
  await applyMigrations(options.databaseUrl)
  const settings: pg.PoolConfig = {
    connectionString: options.databaseUrl,
    application_name: 'tributary log',
    keepAlive: true,
    // Never closed for being idle: connecting costs several times what an edit's append does.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  }
  // Two pools: an append never waits behind readers.
  const appendPool = new pg.Pool({ ...settings, max: APPEND_CONNECTIONS })
  const readPool = new pg.Pool({ ...settings, max: READ_CONNECTIONS })
  // An idle connection that breaks leaves its pool by itself; without a listener it ends the process.
  for (const pool of [appendPool, readPool]) pool.on('error', () => undefined)
  const growth = createGrowth({ ...settings, application_name: 'tributary log growth' })

  const clocks = new LastClocks()
  const reader = new Reader(readPool, clocks)

  const appender = new Appender({
    pool: appendPool,
    clocks,
    now: options.now,
    readAgain: ({ streamId, expectedRevision, events }) =>
      reader.readStream(streamId, { after: expectedRevision, limit: events.length }),
    onWritten: growth.announce,
  })

  async function close(): Promise<void> {
    await appender.close()
    await growth.close()
    await Promise.all([appendPool.end(), readPool.end()])
  }

  try {
    growth.announce(await reader.head())
  } catch (error) {
    await close()
    throw error
  }
  return {
    append: (request) => appender.append(request),
    readStream: (streamId, range) => reader.readStream(streamId, range),
    readAll: (after, limit) => reader.readAll(after, limit),
    streamHead: (streamId) => reader.streamHead(streamId),
    head: () => reader.head(),
    onGrowth: growth.subscribe,
    close,
  }
}

/** On a connection of its own, as a migration may take longer than any other statement. */
async function applyMigrations(databaseUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  pool.on('error', () => undefined)
  try {
    await migrate(pool, logMigrations)
  } catch (error) {
    throw error instanceof MigrationChanged ? error : unavailable(error)
  } finally {
    await pool.end()
  }
}
