import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EmbeddedPostgres } from '../../backend/embedded-postgres/embedded-postgres.ts'

const PREFIX = 'tributary-postgres-'
/** Longer than a start takes from making its folder to locking it. */
const YOUNG_MS = 60_000

interface TestCluster {
  /** Of a database on it that exists. */
  readonly url: string
  stop(): Promise<void>
}

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

let cluster: Promise<TestCluster> | null = null

// Outside of every `describe` this is a hook of the whole process. It is registered by whoever needs
// a database, so that it holds for a file that is run alone, and costs the others nothing.
if (typeof after === 'function') {
  after('stop the test cluster', async function () {
    this.timeout(30_000)
    await stopTestCluster()
  })
}

/**
 * A fresh, empty database. The server is that of TEST_DATABASE_URL where it is set (its user must be
 * allowed to create databases), else one cluster for the whole process, started at the first call in
 * a temporary folder and stopped after the last test.
 */
export async function testDatabase(): Promise<TestDatabase> {
  cluster ??= startTestCluster()
  const server = await cluster
  const name = `test_${randomBytes(8).toString('hex')}`
  await runStatement(server.url, `CREATE DATABASE ${name} TEMPLATE template0`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => dropDatabase(server.url, name),
  }
}

/** How long connections that are being closed may take. */
const CLOSING_MS = 2_000

/**
 * Drops a database once its connections are closed. A pool's end resolves before the server has
 * seen it, and a connection that is cut then throws where nobody listens; one that a failed test
 * left open must not keep its database all the same. The connections are counted here because a
 * plain DROP DATABASE would itself wait five seconds for them.
 */
async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  const connections = `SELECT pid FROM pg_stat_activity WHERE datname = '${name}'`
  const giveUpAt = performance.now() + CLOSING_MS
  while ((await runStatement(serverUrl, connections)) > 0 && performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await runStatement(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
}

/** Stops the cluster of this process, if there is one, and removes its folder. */
export async function stopTestCluster(): Promise<void> {
  const stopping = cluster
  cluster = null
  await (await stopping)?.stop()
}

async function startTestCluster(): Promise<TestCluster> {
  const url = process.env['TEST_DATABASE_URL']
  if (url) return { url, stop: () => Promise.resolve() }
  await removeAbandoned()
  const folder = await mkdtemp(join(tmpdir(), PREFIX))
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const postgres = await startIn(folder)
    return { url: postgres.databaseUrl, stop: () => postgres.stop().then(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

async function startIn(dataDir: string): Promise<EmbeddedPostgres> {
  const { startEmbeddedPostgres } =
    await import('../../backend/embedded-postgres/embedded-postgres.ts')
  return startEmbeddedPostgres({ dataDir, log: (line) => console.error(line) })
}

/** What a killed test run left. A server whose folder is gone stops by itself within a minute. */
async function removeAbandoned(): Promise<void> {
  const { lockHolder } = await import('../../backend/embedded-postgres/data-dir-lock.ts')
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(tmpdir(), name)
    const found = await stat(folder).catch(() => null)
    if (found === null || Date.now() - found.mtimeMs < YOUNG_MS) continue
    const holder = await lockHolder(join(folder, 'tributary.lock')).catch(() => 0)
    if (holder === null) await rm(folder, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** Returns how many rows the statement gave. */
async function runStatement(url: string, statement: string): Promise<number> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(statement)).rowCount ?? 0
  } finally {
    await client.end()
  }
}
