import type { ChildProcess } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { platform } from 'node:os'
import type { DataDir } from './data-dir.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import type { Launcher } from './launcher.ts'
import { readPostmasterFile } from './postmaster-file.ts'
import { runProgram } from './run-program.ts'
import { openLog, reasonInLog } from './server-log.ts'
import { clusterName } from './server-processes.ts'
import { waitUntil } from './wait-until.ts'

/** Recovery replays at most some seconds of log; only a broken disk is slower than this. */
const START_MS = 10 * 60_000
/** A fast shutdown writes out what is in memory; an immediate one leaves that to recovery. */
const FAST_STOP_MS = 15_000
const IMMEDIATE_STOP_MS = 5_000

/** One running server. */
export interface Postmaster {
  /** Resolves with how it ended ('exit code 1', 'signal SIGKILL'). */
  readonly ended: Promise<string>
  /** Ends it and resolves when it is gone. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  /** Asks it to stop, without waiting: for the moment in which this process exits. */
  abandon(): void
}

/** Somebody else listens on the port. */
export class PortTaken extends Error {
  constructor(port: number) {
    super(`Port ${port} of 127.0.0.1, which Postgres needs, is taken by another program.`)
  }
}

/**
 * Starts the server and waits until it accepts connections.
 * @throws PortTaken; EmbeddedPostgresError postgres-failed; the reason of `signal`
 */
export async function startPostmaster(
  dir: DataDir,
  launcher: Launcher,
  port: number,
  signal?: AbortSignal,
): Promise<Postmaster> {
  const log = await openLog(dir.log)
  const offset = (await stat(dir.log)).size
  const args = ['-p', String(port), '-c', `cluster_name=${await clusterName(dir.cluster)}`]
  const child = launcher.spawn('postgres', dir.cluster, args, ['ignore', log.fd, log.fd])
  let running = true
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, by) => resolve(by ? `signal ${by}` : `exit code ${code}`))
  }).finally(() => (running = false))
  await log.close()

  const isReady = async () => {
    const file = await readPostmasterFile(dir.cluster)
    return !running || (file !== null && file.pid === child.pid && file.status === 'ready')
  }
  const postmaster = { ended, ...stopping(child, ended, dir, launcher) }
  try {
    const ready = await waitUntil(isReady, START_MS, signal)
    if (!running) throw await startFailure(dir.log, offset, port, await ended)
    if (!ready) throw notReady(dir)
  } catch (error) {
    if (running) await postmaster.stop()
    throw error
  }
  // It must not keep a program running that forgets to stop it; see `abandon`.
  child.unref()
  return postmaster
}

function stopping(
  child: ChildProcess,
  ended: Promise<string>,
  dir: DataDir,
  launcher: Launcher,
): Pick<Postmaster, 'stop' | 'abandon'> {
  const within = (ms: number) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)))
    return Promise.race([ended.then(() => true), late]).finally(() => clearTimeout(timer))
  }
  return {
    async stop(how = 'fast') {
      if (platform() === 'win32') {
        // Windows has no signals; pg_ctl speaks to the server through a pipe.
        const args = ['stop', '-m', how, '-t', String(FAST_STOP_MS / 1000)]
        await runProgram(launcher.spawn('pg_ctl', dir.cluster, args))
      } else if (how === 'fast') child.kill('SIGINT')
      if (how === 'fast' && (await within(FAST_STOP_MS))) return
      child.kill('SIGQUIT')
      if (await within(IMMEDIATE_STOP_MS)) return
      child.kill('SIGKILL')
      await ended
    },
    abandon() {
      child.kill('SIGINT')
    },
  }
}

async function startFailure(
  log: string,
  offset: number,
  port: number,
  end: string,
): Promise<Error> {
  const reason = await reasonInLog(log, offset)
  if (/could not create any TCP\/IP sockets/.test(reason)) return new PortTaken(port)
  return new EmbeddedPostgresError(
    'postgres-failed',
    `Postgres did not start: ${reason || end}. Its messages are in ${log}. ` +
      'Mend that and start again, or set DATABASE_URL to a Postgres of your own.',
  )
}

function notReady(dir: DataDir): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'postgres-failed',
    `Postgres on ${dir.cluster} was not ready after ${START_MS / 60_000} minutes and was ended. ` +
      `See ${dir.log} for what keeps it, then start again.`,
  )
}
