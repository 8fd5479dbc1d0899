/** The database of a script: DATABASE_URL, or the embedded Postgres, running already or not. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../backend/config/config.ts'
import { dataDirAt } from '../backend/embedded-postgres/data-dir.ts'
import {
  DataDirInUse,
  findRunningPostgres,
  startEmbeddedPostgres,
} from '../backend/embedded-postgres/embedded-postgres.ts'

export interface Connection {
  readonly databaseUrl: string
  /** Stops the embedded Postgres if this script had to start it. */
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly config: Pick<Config, 'databaseUrl' | 'dataDir'>
  /** Gets one plain sentence for each thing worth telling. */
  readonly log: (line: string) => void
  readonly signal?: AbortSignal
}

/** There is no database to work on. */
export class NoDatabase extends Error {
  readonly code = 'no-database'
  constructor(dataDir: string) {
    super(
      `There is no database in DATA_DIR ${dataDir}. Set DATA_DIR to the folder of your Tributary, ` +
        'or DATABASE_URL to its database; npm start makes a new one.',
    )
    this.name = 'NoDatabase'
  }
}

/** @throws NoDatabase, EmbeddedPostgresError or DataDirInUse */
export async function connect({ config, log, signal }: ConnectionOptions): Promise<Connection> {
  const { databaseUrl, dataDir } = config
  if (databaseUrl !== null) return joined(databaseUrl)
  const cluster = join(dataDirAt(dataDir).cluster, 'PG_VERSION')
  if (!(await stat(cluster).catch(() => null))) throw new NoDatabase(dataDir)
  const running = await findRunningPostgres(dataDir)
  if (running) return joined(running.databaseUrl)
  try {
    const postgres = await startEmbeddedPostgres({ dataDir, log, ...(signal && { signal }) })
    return { databaseUrl: postgres.databaseUrl, close: () => postgres.stop() }
  } catch (error) {
    // Somebody was faster between the two looks.
    const theirs = error instanceof DataDirInUse ? await findRunningPostgres(dataDir) : null
    if (theirs) return joined(theirs.databaseUrl)
    throw error
  }
}

const joined = (databaseUrl: string): Connection => ({ databaseUrl, close: async () => undefined })
