/**
 * How the programs of Postgres are started so that they accept to run.
 *
 * As an ordinary user: simply. As root Postgres refuses to run, so there are two ways down, tried
 * by running the server once for its version, with the data folder's file system and the real
 * binaries:
 *
 * 1. An account without rights (`postgres`, else `nobody`, else whoever owns the cluster already).
 *    The cluster folder is handed to it. DATA_DIR above it may be closed to that account, so the
 *    program is not given a path: it is started IN the folder, which Linux checks while we are
 *    still root, and told that its data is in /proc/self/cwd, which leads there without passing a
 *    parent. No mode and no owner of a folder that is not ours is changed, no tool of the system is
 *    needed, and the capabilities of a plain container (chown, setuid, setgid) are enough.
 * 2. A user namespace in which root has another number, where root may not change owners or become
 *    somebody else (a root of a rootless container with one id, a file system without owners). The
 *    cluster stays root's. It comes second because a Postgres that is broken into could then touch
 *    all that root owns, and because containers usually forbid it.
 */
import { spawn, type ChildProcess, type SpawnOptions, type StdioOptions } from 'node:child_process'
import { lchown, lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import type { Binaries, Program } from './binaries.ts'
import { unusableBecause, type DataDir } from './data-dir.ts'
import { EmbeddedPostgresError, systemErrorCode } from './embedded-postgres-error.ts'
import { runProgram } from './run-program.ts'
import { shareBinaries } from './shared-binaries.ts'

export interface Launcher {
  /** Of the server, such as '18.4'. */
  readonly version: string
  /** Starts a program in `folder`, with that folder as its data folder, in a session of its own. */
  spawn(
    program: Program,
    folder: string,
    args: readonly string[],
    stdio?: StdioOptions,
  ): ChildProcess
  /** Hands a file or a folder of ours, with all in it, to whoever the programs run as. */
  handOver(path: string): Promise<void>
}

/** Who the programs run as; null is whoever we are. */
interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

interface Way {
  readonly account: Account | null
  /** Root keeps its files and only looks like the account. */
  readonly mapped: boolean
  readonly inherit: number | null
}

/**
 * @param inherit a descriptor that every program gets as its fourth, if any
 * @throws EmbeddedPostgresError postgres-as-root, postgres-missing, data-dir-unusable
 */
export async function chooseLauncher(
  binaries: Binaries,
  dir: DataDir,
  inherit: number | null,
): Promise<Launcher> {
  const probe = await mkdtemp(join(dir.path, 'postgres.probe-')).catch((error: unknown) => {
    throw unusableBecause(dir.path, error)
  })
  try {
    if (process.getuid?.() === 0) return await stepDown(binaries, dir.cluster, probe, inherit)
    const way = { account: null, mapped: false, inherit }
    return await tryOut(way, binaries, probe).catch((error) => {
      throw cannotRun(error)
    })
  } finally {
    await rm(probe, { recursive: true, force: true })
  }
}

async function stepDown(
  binaries: Binaries,
  cluster: string,
  probe: string,
  inherit: number | null,
): Promise<Launcher> {
  const failures: string[] = []
  const account = await findAccount(cluster)
  for (const mapped of account ? [false, true] : []) {
    const way = { account, mapped, inherit }
    try {
      return await tryOut(way, binaries, probe).catch(async (error: unknown) => {
        // Most checkouts can be entered by everybody; the others need a copy.
        if (!isClosed(error)) throw error
        return tryOut(way, await shareBinaries(binaries), probe)
      })
    } catch (error) {
      failures.push(`${mapped ? 'root seen as' : 'account'} ${account?.name}: ${messageOf(error)}`)
    }
  }
  const tried = failures.join('; ') || 'there is no account named postgres or nobody'
  throw new EmbeddedPostgresError(
    'postgres-as-root',
    `Postgres refuses to run as root, and it could not be started as anybody else (${tried}). ` +
      'Start Tributary as an ordinary user that owns DATA_DIR, or set DATABASE_URL to a Postgres ' +
      'of your own.',
  )
}

/** Could the account not enter the folder of the programs, or that of their libraries? */
function isClosed(error: unknown): boolean {
  return /EACCES|Permission denied|shared libraries/.test(messageOf(error))
}

/** Starts the server for its version only, with everything as it will be. */
async function tryOut(way: Way, binaries: Binaries, probe: string): Promise<Launcher> {
  const launcher = launcherFor(way, binaries, '')
  await launcher.handOver(probe)
  const { code, output } = await runProgram(launcher.spawn('postgres', probe, ['--version']))
  const version = /PostgreSQL\) (\d+\S*)/.exec(output)?.[1]
  if (code !== 0 || version === undefined) throw new Error(output || `exit code ${code}`)
  return { ...launcher, version }
}

function launcherFor(way: Way, binaries: Binaries, version: string): Launcher {
  const { account, mapped, inherit } = way
  const owner = account === null ? null : mapped ? { uid: 0, gid: 0 } : account
  const prefix = account && mapped ? namespaceCommand(account) : []
  return {
    version,
    spawn(program, folder, args, stdio = 'pipe') {
      const [command, ...rest] = [...prefix, binaries.program(program), ...args] as [string]
      const options: SpawnOptions = {
        cwd: folder,
        env: environment(account && platform() === 'linux' ? '/proc/self/cwd' : folder),
        stdio: inherit === null ? stdio : [...threeOf(stdio), inherit],
        // A session of its own: Ctrl-C and signals to our group reach us alone, and we decide.
        detached: true,
        windowsHide: true,
      }
      if (owner && !mapped) Object.assign(options, owner)
      return spawn(command, rest, options)
    },
    async handOver(path) {
      if (owner) await changeOwner(path, owner)
    },
  }
}

function threeOf(stdio: StdioOptions): Exclude<StdioOptions, string> {
  return typeof stdio === 'string' ? [stdio, stdio, stdio] : stdio
}

function namespaceCommand({ uid, gid }: Account): string[] {
  return ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--']
}

/** Our own variables hold secrets, and Postgres takes settings from some: it gets what it needs. */
function environment(dataFolder: string): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(kept), PGDATA: dataFolder, LC_ALL: 'C', TZ: 'UTC' }
}

/** An account keeps the cluster that it has; initdb needs one that the system knows by name. */
async function findAccount(cluster: string): Promise<Account | null> {
  const found = await lstat(cluster).catch(() => null)
  if (found && found.uid !== 0) {
    return { name: `number ${found.uid}`, uid: found.uid, gid: found.gid }
  }
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  for (const wanted of ['postgres', '_postgres', 'nobody']) {
    const [name, , uid, gid] = lines.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? []
    if (name) return { name, uid: Number(uid), gid: Number(gid) }
  }
  return null
}

/** Does nothing where the owner is right, so only a cluster that was restored or moved is walked. */
async function changeOwner(path: string, owner: { uid: number; gid: number }): Promise<void> {
  const found = await lstat(path)
  if (found.uid !== owner.uid) {
    if (found.isDirectory()) {
      for (const entry of await readdir(path)) await changeOwner(join(path, entry), owner)
    }
    // The folder itself comes last: cut off before, the next start walks it again.
    await lchown(path, owner.uid, owner.gid)
  }
  if ((await lstat(path)).uid !== owner.uid) throw new Error(`${path} does not change its owner`)
}

function cannotRun(error: unknown): EmbeddedPostgresError {
  const why = systemErrorCode(error) ?? messageOf(error)
  return new EmbeddedPostgresError(
    'postgres-missing',
    `The bundled Postgres does not run on this system (${why}). ` +
      'Set DATABASE_URL to a Postgres of your own.',
    error,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
