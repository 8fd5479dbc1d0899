import type { Logger } from 'pino'
import type { EventLog } from '../../domain/log/event-log.ts'
import { openAuthDatabase, type AuthDatabase } from '../auth/postgres/auth-database.ts'
import type { Config } from '../config/config.ts'
import { startEmbeddedPostgres } from '../embedded-postgres/embedded-postgres.ts'
import type { Readiness } from '../http/http-ports.ts'
import { createPostgresLog } from '../log/postgres/postgres-log.ts'
import type { ClosingOrder } from './closing-order.ts'
import { StartError } from './start-error.ts'

/** Where everything is kept. */
export interface Stores {
  readonly databaseUrl: string
  readonly log: EventLog
  readonly accounts: AuthDatabase
}

export interface StoresOptions {
  /** Ends the start. */
  readonly signal: AbortSignal
  /** Called when the stores are gone for good while they are in use. */
  readonly onLost: (reason: Error) => void
}

/** @throws StartError, EmbeddedPostgresError or DataDirInUse */
export async function openStores(
  config: Config,
  logger: Logger,
  closing: ClosingOrder,
  options: StoresOptions,
): Promise<Stores> {
  const databaseUrl = config.databaseUrl ?? (await startEmbedded(config, logger, closing, options))
  options.signal.throwIfAborted()
  try {
    const accounts = await openAuthDatabase({ databaseUrl, onError: connectionLost(logger) })
    closing.add('accounts', () => accounts.close())
    const log = await createPostgresLog({ databaseUrl, now: Date.now })
    closing.add('event log', () => log.close())
    return { databaseUrl, log, accounts }
  } catch (error) {
    throw unusableDatabase(config, error)
  }
}

/** The line for a database that cannot be reached or brought up to date. */
export function unusableDatabase({ databaseUrl }: Config, error: unknown): StartError {
  const which = databaseUrl === null ? 'The embedded database' : 'DATABASE_URL'
  const said = error instanceof Error ? error.message : String(error)
  return new StartError(`${which} cannot be used: ${said}`, { cause: error })
}

export function connectionLost(logger: Logger): (error: Error) => void {
  return (err) => logger.warn({ err }, 'A connection to the database was lost.')
}

export async function storesReadiness({ log, accounts }: Stores): Promise<Readiness> {
  try {
    await Promise.all([log.head(), accounts.query('SELECT 1', [])])
    return { part: 'database', ready: true }
  } catch {
    return { part: 'database', ready: false, detail: 'The database does not answer.' }
  }
}

async function startEmbedded(
  { dataDir }: Config,
  logger: Logger,
  closing: ClosingOrder,
  options: StoresOptions,
): Promise<string> {
  const log = (line: string) => logger.info(line)
  const postgres = await startEmbeddedPostgres({ dataDir, log, ...options })
  closing.add('embedded Postgres', () => postgres.stop())
  return postgres.databaseUrl
}
