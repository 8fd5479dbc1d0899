/**
 * A real Postgres inside DATA_DIR, for whoever has none.
 *
 * Guarantees: at most one living Tributary, and one Postgres, on a folder (data-dir-lock.ts says how
 * far); after any end of ours or of the server (kill -9 of either or both, a power cut, a first
 * start cut off) the next start works by itself, with all that was acknowledged; a server that ends
 * while we live is started again on the same port; nothing but `stop` ends it, no Ctrl-C; and it
 * runs as root too (launcher.ts).
 */
import { findBinaries } from './binaries.ts'
import { createCluster, hasCluster, NAME, resetPassword } from './cluster.ts'
import {
  dataDirAt,
  openDataDir,
  removeInterrupted,
  unusableBecause,
  type DataDir,
} from './data-dir.ts'
import { lockDataDir, lockHolder, type DataDirLock } from './data-dir-lock.ts'
import { makePassword, readPassword } from './database-password.ts'
import { EmbeddedPostgresError, systemErrorCode } from './embedded-postgres-error.ts'
import { freePort } from './free-port.ts'
import { chooseLauncher, type Launcher } from './launcher.ts'
import { endLeftoverServer } from './leftover-server.ts'
import { PortTaken, startPostmaster, type Postmaster } from './postmaster.ts'
import { readPostmasterFile } from './postmaster-file.ts'
import { boundLog, rotateLog } from './server-log.ts'
import { clusterName, serverProcesses } from './server-processes.ts'
import { writeSettings } from './server-settings.ts'
import { superviseServer, type Supervisor } from './supervisor.ts'
import { waitUntil } from './wait-until.ts'

export { DataDirInUse } from './data-dir-lock.ts'

export interface EmbeddedPostgres {
  /** Of the database `tributary`, with the password in it; stays the same until `stop`. */
  readonly databaseUrl: string
  readonly port: number
  /** The cluster was made by this start. */
  readonly firstStart: boolean
  /** The previous run ended without `stop`. */
  readonly recovered: boolean
  /** Disconnects everybody, stops the server and gives the folder back. May be called again. */
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  dataDir: string
  /** Gets one plain sentence for each thing worth telling. */
  log: (line: string) => void
  /** Ends a start that is under way; it is rejected with the signal's reason. */
  signal?: AbortSignal
  /**
   * Called once when the folder is not ours any more: the server is being ended, and whoever works
   * with it must end too. Without it the reason goes to `log`.
   */
  onLost?: (reason: EmbeddedPostgresError) => void
}

/** Ports are taken by others now and then between looking and listening. */
const PORT_TRIES = 5
/** Somebody else's start is waited for this long; a first start takes two seconds. */
const JOIN_MS = 10_000

/**
 * Starts the Postgres of a data folder, making both where there is none.
 * @throws DataDirInUse; EmbeddedPostgresError, whose sentence says what to do
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { log, onLost = ({ message }) => log(message) } = options
  options.signal?.throwIfAborted()
  const dir = await openDataDir(options.dataDir)
  const lost = new AbortController()
  const lock = await lockDataDir(dir.lock, dir.path, {
    onLost: () => lost.abort(takenAway(dir)),
    log,
    signal: options.signal,
  })
  const signal = options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal
  try {
    await removeInterrupted(dir)
    const launcher = await chooseLauncher(await findBinaries(), dir, lock.inherit)
    const began = performance.now()
    const { password, firstStart, recovered } = await prepareCluster(dir, launcher, lock, signal)
    const { port, postmaster } = await startOnFreePort(dir, launcher, signal)
    if (recovered) {
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      log(`The previous run did not stop cleanly; its database was recovered in ${seconds} s.`)
    }
    const startAgain = async (stopped: AbortSignal) => {
      await endLeftoverServer(dir.cluster, launcher)
      return startPostmaster(dir, launcher, port, stopped)
    }
    const supervisor = superviseServer(postmaster, startAgain, log)
    lost.signal.addEventListener('abort', () => {
      onLost(takenAway(dir))
      void supervisor.stop('immediate')
    })
    const databaseUrl = urlOf(password, port)
    return { databaseUrl, port, firstStart, recovered, stop: stopper(supervisor, lock, dir) }
  } catch (error) {
    await lock.release()
    // All that we read and write lies in DATA_DIR, so what the system refuses is about that.
    throw /^E[A-Z]+$/.test(systemErrorCode(error) ?? '') ? unusableBecause(dir.path, error) : error
  }
}

/**
 * For programs that join a Postgres which is running on the folder, also one that is just starting.
 * @returns null when there is none
 * @throws EmbeddedPostgresError data-dir-unusable, when we may not read the password
 */
export async function findRunningPostgres(
  dataDir: string,
): Promise<{ databaseUrl: string } | null> {
  const dir = dataDirAt(dataDir)
  let port: number | null = null
  await waitUntil(async () => {
    port = await readyPort(dir.cluster)
    return port !== null || (await lockHolder(dir.lock)) === null
  }, JOIN_MS)
  if (port === null) return null
  const password = await readPassword(dir.password)
  return password === null ? null : { databaseUrl: urlOf(password, port) }
}

/** Leaves a cluster that is whole, belongs to the right account, and that nobody is running. */
async function prepareCluster(
  dir: DataDir,
  launcher: Launcher,
  lock: DataDirLock,
  signal: AbortSignal,
): Promise<{ password: string; firstStart: boolean; recovered: boolean }> {
  const exists = await hasCluster(dir.cluster, launcher.version)
  const leftover = exists && (await endLeftoverServer(dir.cluster, launcher))
  const kept = await readPassword(dir.password)
  const password = kept ?? (await makePassword(dir.password))
  if (!exists) await createCluster(dir, launcher, password, signal)
  else {
    await launcher.handOver(dir.cluster)
    if (kept === null) await resetPassword(dir, launcher, password, signal)
  }
  await writeSettings(dir.cluster, launcher)
  await rotateLog(dir.log)
  return { password, firstStart: !exists, recovered: exists && (leftover || lock.afterCrash) }
}

async function startOnFreePort(
  dir: DataDir,
  launcher: Launcher,
  signal: AbortSignal,
): Promise<{ port: number; postmaster: Postmaster }> {
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    try {
      return { port, postmaster: await startPostmaster(dir, launcher, port, signal) }
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error
      if (tries < PORT_TRIES) continue
      throw new EmbeddedPostgresError(
        'postgres-failed',
        `Postgres found no free port on 127.0.0.1 in ${PORT_TRIES} tries. Start again later.`,
        error,
      )
    }
  }
}

function stopper(supervisor: Supervisor, lock: DataDirLock, dir: DataDir): () => Promise<void> {
  const unboundLog = boundLog(dir.log)
  // A program that exits without stopping leaves no server behind, though the next start will
  // have to treat it as a crash.
  const abandon = () => supervisor.abandon()
  process.once('exit', abandon)
  let stopped: Promise<void> | null = null
  const stop = async () => {
    process.off('exit', abandon)
    unboundLog()
    await supervisor.stop()
    await lock.release()
  }
  return () => (stopped ??= stop())
}

/** We may not be the only ones any more, and two servers on one cluster would destroy it. */
function takenAway({ path }: DataDir): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data-dir-unusable',
    `DATA_DIR ${path} was removed or taken over by another Tributary, so its Postgres is stopped. ` +
      'Start Tributary again once only one uses it.',
  )
}

async function readyPort(cluster: string): Promise<number | null> {
  const file = await readPostmasterFile(cluster)
  if (file === null || file.status !== 'ready' || file.port === null) return null
  if (process.platform === 'win32') return file.port
  const running = await serverProcesses(await clusterName(cluster))
  return running.includes(file.pid) ? file.port : null
}

function urlOf(password: string, port: number): string {
  return `postgresql://${NAME}:${password}@127.0.0.1:${port}/${NAME}`
}
