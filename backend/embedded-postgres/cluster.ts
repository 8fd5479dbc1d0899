import { mkdtemp, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import type { DataDir } from './data-dir.ts'
import { EmbeddedPostgresError, systemErrorCode } from './embedded-postgres-error.ts'
import type { Launcher } from './launcher.ts'
import { runProgram } from './run-program.ts'

/** The role, a superuser of this cluster, and the database; both by the one name. */
export const NAME = 'tributary'

/**
 * Is there a cluster that this Postgres can run?
 * @throws EmbeddedPostgresError postgres-version-mismatch, data-dir-unusable
 */
export async function hasCluster(cluster: string, version: string): Promise<boolean> {
  const names = await readdir(cluster).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw error
  })
  if (names === null || names.length === 0) return false
  const found = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => '')
  const [theirs, ours] = [found.trim(), version.split('.')[0] ?? '']
  if (theirs === ours) return true
  if (theirs === '') {
    throw new EmbeddedPostgresError(
      'data-dir-unusable',
      `${cluster} is not the data folder of a Postgres (it has no PG_VERSION). ` +
        'Move it away, or set DATA_DIR to another folder.',
    )
  }
  throw new EmbeddedPostgresError(
    'postgres-version-mismatch',
    `${cluster} was written by Postgres ${theirs}, and this Tributary brings Postgres ${ours}, ` +
      'which cannot read it. Take the log out with the Tributary that wrote it ' +
      '(npm run log:export), move the folder away, and bring it in here (npm run log:import).',
  )
}

/**
 * Makes the cluster with its role and database. It is made aside and renamed at the end: whatever
 * interrupts it, DATA_DIR/postgres is whole or not there.
 * @throws EmbeddedPostgresError postgres-failed
 */
export async function createCluster(
  dir: DataDir,
  launcher: Launcher,
  password: string,
  signal?: AbortSignal,
): Promise<void> {
  const aside = await mkdtemp(`${dir.cluster}.initdb-`)
  try {
    await launcher.handOver(aside)
    const args = [
      `--username=${NAME}`,
      // Nobody gets in until the settings are written; the password is set below, so that it does
      // not have to lie in a file that the account of the server can read.
      '--auth=reject',
      '--encoding=UTF8',
      // Sorted by code point everywhere, and letters have cases, without any locale of the system.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--text-search-config=simple',
    ]
    const { code, output } = await runProgram(launcher.spawn('initdb', aside, args), { signal })
    if (code !== 0) throw failed('The database could not be made', output)
    await runSingleUser(aside, launcher, [...passwordQuery(password), createDatabase], signal)
    // Only Windows minds an empty folder in the place; where it cannot go, the rename tells why.
    await rmdir(dir.cluster).catch(() => undefined)
    await rename(aside, dir.cluster)
    await syncFolder(dir.path)
  } finally {
    await rm(aside, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Gives the role a new password, when the file with the old one was lost. */
export async function resetPassword(
  dir: DataDir,
  launcher: Launcher,
  password: string,
  signal?: AbortSignal,
): Promise<void> {
  await runSingleUser(dir.cluster, launcher, passwordQuery(password), signal)
}

const createDatabase = `CREATE DATABASE ${NAME}`

function passwordQuery(password: string): string[] {
  return [`ALTER ROLE ${NAME} PASSWORD '${password}'`]
}

/** The server in its mode without network and passwords, one statement per line, on the database postgres. */
async function runSingleUser(
  folder: string,
  launcher: Launcher,
  statements: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const child = launcher.spawn('postgres', folder, [
    '--single',
    '-c',
    'exit_on_error=true',
    'postgres',
  ])
  const input = statements.map((statement) => `${statement}\n`).join('')
  const { code, output } = await runProgram(child, { input, signal })
  if (code !== 0) throw failed('The database could not be set up', output)
}

/** A rename that is lost in a power cut would take every commit since with it. */
async function syncFolder(path: string): Promise<void> {
  if (platform() === 'win32') return
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function failed(what: string, output: string): EmbeddedPostgresError {
  const last = output.split('\n').slice(-5).join(' / ')
  return new EmbeddedPostgresError(
    'postgres-failed',
    `${what}: ${last || 'Postgres gave no reason'}. ` +
      'Mend that and start again, or set DATABASE_URL to a Postgres of your own.',
  )
}
