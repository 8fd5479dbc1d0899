import { access, chmod, copyFile, constants, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

export type Program = 'initdb' | 'postgres' | 'pg_ctl'

export interface Binaries {
  /** The folder that holds bin, lib and share. */
  readonly root: string
  readonly version: string
  program(program: Program): string
}

/**
 * The Postgres that the package `embedded-postgres` brings for this platform. Its class is not used:
 * importing it takes over the exit signals of the process, it runs as root only with a system user
 * that cannot enter a private folder, and it neither recovers nor restarts.
 * @throws EmbeddedPostgresError postgres-missing
 */
export async function findBinaries(): Promise<Binaries> {
  const system = platform() === 'win32' ? 'windows' : platform()
  const name = `@embedded-postgres/${system}-${arch()}`
  try {
    // Looked up from the package that depends on it, as a strict package manager nests it there.
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(embedded).resolve(name)
    const programs = (await import(pathToFileURL(entry).href)) as Record<Program, string>
    const manifest = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8')
    const { version } = JSON.parse(manifest) as { version: string }
    const root = resolve(dirname(programs.postgres), '..')
    await completeInstallation(root, Object.values(programs))
    return binariesAt(root, version)
  } catch (error) {
    throw new EmbeddedPostgresError(
      'postgres-missing',
      `The bundled Postgres for ${system} ${arch()} is not installed completely. Run "npm ci" ` +
        'again without leaving out optional packages, or set DATABASE_URL to a Postgres of your own.',
      error,
    )
  }
}

export function binariesAt(root: string, version: string): Binaries {
  const suffix = platform() === 'win32' ? '.exe' : ''
  return { root, version, program: (program) => join(root, 'bin', `${program}${suffix}`) }
}

/** What an installation without install scripts lacks: npm packages hold no links. */
async function completeInstallation(root: string, programs: readonly string[]): Promise<void> {
  if (platform() === 'win32') return
  for (const program of programs) {
    const { mode } = await stat(program)
    if ((mode & 0o111) !== 0o111) await chmod(program, mode | 0o555)
  }
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(list) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const [from, to] = [join(root, '..', source), join(root, '..', target)]
    if (await exists(to)) continue
    const link = join(relative(dirname(to), dirname(from)), basename(from))
    await symlink(link, to).catch(() => copyFile(from, to))
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
