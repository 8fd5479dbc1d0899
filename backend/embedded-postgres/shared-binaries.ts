/**
 * A copy of the bundled Postgres that every account can enter, for a checkout that only root can
 * (under /root, mode 0700, or installed with a strict umask).
 *
 * A copy, because nothing less was found to work for an account without rights: Postgres resolves
 * its own path to an absolute one, so handing it an open folder (/proc/self/fd, the working folder)
 * fails at the first closed parent; it asks access(2), which ignores ambient capabilities, so
 * CAP_DAC_READ_SEARCH does not help; and a bind mount needs rights that a container does not have.
 *
 * The folder belongs to root and only root can write to it, or anybody could plant programs there.
 */
import { constants } from 'node:fs'
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { binariesAt, type Binaries } from './binaries.ts'

/** Where a system keeps what can be made again; the second is for one that is read-only. */
const CACHES: readonly string[] = ['/var/cache', tmpdir()]

/** @throws the last system error when none of the places can be used */
export async function shareBinaries(
  binaries: Binaries,
  caches: readonly string[] = CACHES,
): Promise<Binaries> {
  let failure: unknown
  for (const cache of caches) {
    try {
      const folder = join(cache, 'tributary')
      await mkdir(folder).then(
        () => chmod(folder, 0o755),
        () => undefined,
      )
      await checkOnlyRootWrites(folder)
      const root = join(folder, `postgres-${binaries.version}-${arch()}`)
      if (!(await exists(root))) await copyInto(folder, root, binaries.root)
      return binariesAt(root, binaries.version)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function checkOnlyRootWrites(folder: string): Promise<void> {
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that only root can write to`)
  }
}

/** Made aside and renamed, so that there is a whole copy or none. */
async function copyInto(folder: string, root: string, from: string): Promise<void> {
  const aside = await mkdtemp(join(folder, 'copying-'))
  try {
    for (const part of ['bin', 'lib', 'share']) await copyTree(join(from, part), join(aside, part))
    await chmod(aside, 0o755)
    await rename(aside, root).catch(async (error: unknown) => {
      // Another start has made it meanwhile.
      if (!(await exists(root))) throw error
    })
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

/** The modes are set one by one, since neither the source nor the umask need be friendly. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyTree(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else {
      await copyFile(source, target, constants.COPYFILE_FICLONE)
      const { mode } = await lstat(source)
      await chmod(target, (mode & 0o100) === 0 ? 0o644 : 0o755)
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
