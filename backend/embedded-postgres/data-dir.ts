import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EmbeddedPostgresError, systemErrorCode } from './embedded-postgres-error.ts'

/** Where everything of the embedded Postgres lives inside DATA_DIR; absolute paths. */
export interface DataDir {
  readonly path: string
  /** The cluster (PGDATA), mode 0700, handed to the account that Postgres runs as. */
  readonly cluster: string
  /** The folder of claims, see data-dir-lock.ts. */
  readonly lock: string
  /** The password of the database role, mode 0600. */
  readonly password: string
  /** What Postgres has to say. */
  readonly log: string
}

export function dataDirAt(dataDir: string): DataDir {
  const path = resolve(dataDir)
  return {
    path,
    cluster: join(path, 'postgres'),
    lock: join(path, 'tributary.lock'),
    password: join(path, 'postgres.password'),
    log: join(path, 'postgres.log'),
  }
}

/**
 * Makes DATA_DIR (mode 0700) and the lock folder in it where they are missing. The folder of a
 * person keeps the mode that it has; what is secret in it is protected by modes of its own.
 * @throws EmbeddedPostgresError data-dir-unusable
 */
export async function openDataDir(dataDir: string): Promise<DataDir> {
  const dir = dataDirAt(dataDir)
  const found = await stat(dir.path).catch(() => null)
  if (found !== null && !found.isDirectory()) {
    throw unusable(dir.path, 'it is a file, not a folder')
  }
  try {
    await mkdir(dir.lock, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unusableBecause(dir.path, error)
  }
  return dir
}

/**
 * Removes what a start that was killed has left, to be called only while we hold the lock. Its
 * initdb may have outlived it and still be writing: then the next start removes the rest.
 */
export async function removeInterrupted({ path }: DataDir): Promise<void> {
  for (const name of await readdir(path)) {
    if (!/^postgres\.(initdb|probe)-/.test(name)) continue
    await rm(join(path, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

/** The clear sentence for a system error met while writing inside DATA_DIR. */
export function unusableBecause(path: string, error: unknown): EmbeddedPostgresError {
  switch (systemErrorCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return unusable(path, 'this user is not allowed to write there', error)
    case 'EROFS':
      return unusable(path, 'its file system is read-only', error)
    case 'ENOSPC':
      return unusable(path, 'the disk is full', error)
    case 'ENOTDIR':
    case 'EEXIST':
      return unusable(path, 'a file stands where a folder is needed', error)
    default:
      return unusable(path, error instanceof Error ? error.message : String(error), error)
  }
}

function unusable(path: string, why: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data-dir-unusable',
    `DATA_DIR ${path} cannot be used: ${why}. ` +
      'Mend that, or set DATA_DIR to a folder that Tributary may write to.',
    cause,
  )
}
