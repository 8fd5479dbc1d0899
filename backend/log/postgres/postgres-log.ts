/**
 * The event log in Postgres. Positions are given out under one lock that is held to the commit, so
 * that the order of positions is the order of commits and no reader ever skips an event; appends
 * that wait share a commit. The SQL is in migrations/, the grouping in appender.ts.
 */
import pg from 'pg'
import type { StoredEvent } from '../../../domain/events/event.ts'
import type { Position, Revision } from '../../../domain/ids.ts'
import type { EventLog, StreamHead } from '../../../domain/log/event-log.ts'
import { CHAIN_START } from '../../../domain/log/hash-chain.ts'
import { migrate, MigrationChanged, readMigrations } from '../../postgres/migrations.ts'
import { Appender } from './appender.ts'
import { createGrowth } from './growth.ts'
import { unavailable } from './postgres-failure.ts'
import { logTypes, STORED_COLUMNS, storedEvent, type StoredRow } from './stored-row.ts'

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

const READ_ALL = {
  name: 'log-read-all',
  text: `SELECT ${STORED_COLUMNS} FROM log.event WHERE position > $1 ORDER BY position LIMIT $2`,
}
const READ_FORWARD = {
  name: 'log-read-forward',
  text: `SELECT ${STORED_COLUMNS} FROM log.event
         WHERE stream_id = $1 AND revision > $2 AND revision < $3 ORDER BY revision LIMIT $4`,
}
const READ_BACKWARD = {
  name: 'log-read-backward',
  text: `SELECT ${STORED_COLUMNS} FROM log.event
         WHERE stream_id = $1 AND revision > $2 AND revision < $3 ORDER BY revision DESC LIMIT $4`,
}
const STREAM_HEAD = {
  name: 'log-stream-head',
  text: `SELECT revision, encode(hash, 'hex') AS hash FROM log.stream WHERE stream_id = $1`,
}
const HEAD = {
  name: 'log-head',
  text: 'SELECT coalesce(max(position), 0) AS head FROM log.event',
}

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

  async function read<Row extends pg.QueryResultRow>(
    query: { name: string; text: string },
    values: unknown[],
  ): Promise<Row[]> {
    try {
      return (await readPool.query<Row>({ ...query, values, types: logTypes })).rows
    } catch (error) {
      throw unavailable(error)
    }
  }

  const readStream: EventLog['readStream'] = async (
    streamId,
    { after = 0, before = Number.MAX_SAFE_INTEGER, limit, direction },
  ) => {
    const query = direction === 'backward' ? READ_BACKWARD : READ_FORWARD
    return (await read<StoredRow>(query, [streamId, after, before, limit])).map(storedEvent)
  }

  const appender = new Appender({
    pool: appendPool,
    now: options.now,
    readAgain: ({ streamId, expectedRevision, events }) =>
      readStream(streamId, { after: expectedRevision, limit: events.length }),
    onWritten: growth.announce,
  })

  const head = async (): Promise<Position> => {
    const [row] = await read<{ head: Position }>(HEAD, [])
    return row!.head
  }

  async function close(): Promise<void> {
    await appender.close()
    await growth.close()
    await Promise.all([appendPool.end(), readPool.end()])
  }

  try {
    growth.announce(await head())
  } catch (error) {
    await close()
    throw error
  }
  return {
    append: (request) => appender.append(request),
    readStream,
    readAll: async (after, limit): Promise<StoredEvent[]> =>
      (await read<StoredRow>(READ_ALL, [after, limit])).map(storedEvent),
    async streamHead(streamId) {
      const [row] = await read<StreamHead>(STREAM_HEAD, [streamId])
      return row ?? { revision: 0 as Revision, hash: CHAIN_START }
    },
    head,
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
