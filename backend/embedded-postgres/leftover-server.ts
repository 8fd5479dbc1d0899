import { rm } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import type { Launcher } from './launcher.ts'
import { POSTMASTER_FILE, readPostmasterFile } from './postmaster-file.ts'
import { runProgram } from './run-program.ts'
import { clusterName, serverProcesses } from './server-processes.ts'
import { waitUntil } from './wait-until.ts'

/** What each way of asking gets; together under the 10 s within which a start shall have recovered. */
const FAST_MS = 3_000
const IMMEDIATE_MS = 1_500
const KILL_MS = 1_500

/**
 * Ends what a killed Tributary left running on the cluster, and removes the sign that it left. It
 * is ended, not taken over: a Postgres that was started by us is one whose end we notice.
 *
 * A Postgres that was killed too leaves a postmaster.pid, whose pid may belong to anybody by now;
 * Postgres itself would refuse to start next to it. And its children may live on for a while when
 * the postmaster was killed, which would hold on to the shared memory of the cluster.
 *
 * To be called only while we hold the lock of the data folder. It is not had while a Postgres of
 * another container lives there, so what is not among the processes that we see is dead.
 * @returns whether there was anything to end or to remove
 */
export async function endLeftoverServer(cluster: string, launcher: Launcher): Promise<boolean> {
  const file = await readPostmasterFile(cluster)
  if (platform() === 'win32') return file !== null && endOnWindows(cluster, launcher)
  const name = await clusterName(cluster)
  const living = await serverProcesses(name)
  if (living.length > 0) await endServer(cluster, name)
  await rm(join(cluster, POSTMASTER_FILE), { force: true })
  return file !== null || living.length > 0
}

/** SIGINT asks the postmaster to disconnect everybody and stop, SIGQUIT to stop as after a crash. */
async function endServer(cluster: string, name: string): Promise<void> {
  const postmaster = (await readPostmasterFile(cluster))?.pid
  const gone = async () => (await serverProcesses(name)).length === 0
  const isOurs = async () =>
    postmaster !== undefined && (await serverProcesses(name)).includes(postmaster)
  for (const [signal, patience] of [
    ['SIGINT', FAST_MS],
    ['SIGQUIT', IMMEDIATE_MS],
  ] as const) {
    if (postmaster === undefined || !(await isOurs())) break
    sendSignal(postmaster, signal)
    if (await waitUntil(gone, patience)) return
  }
  for (const pid of await serverProcesses(name)) sendSignal(pid, 'SIGKILL')
  if (await waitUntil(gone, KILL_MS)) return
  const left = (await serverProcesses(name)).join(', ')
  throw new EmbeddedPostgresError(
    'postgres-failed',
    `The Postgres of the previous run on ${cluster} cannot be ended (process ${left}). ` +
      'End it by hand, then start Tributary again.',
  )
}

/** pg_ctl signals through a pipe that only a Postgres listens to, so a reused pid is not harmed. */
async function endOnWindows(cluster: string, launcher: Launcher): Promise<boolean> {
  for (const mode of ['fast', 'immediate']) {
    const args = ['stop', '-m', mode, '-t', String(FAST_MS / 1000)]
    const { code } = await runProgram(launcher.spawn('pg_ctl', cluster, args))
    if (code === 0) return true
  }
  await rm(join(cluster, POSTMASTER_FILE), { force: true })
  return true
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself meanwhile; one that we may not signal is named by the caller.
  }
}
