/** The secret that signs sign-in tokens, made once and kept, so that a restart signs nobody out. */
import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDataDir, unusableBecause } from '../embedded-postgres/data-dir.ts'

const BYTES = 32

/**
 * The secret that is kept in a folder, mode 0600, made where there is none.
 * @throws EmbeddedPostgresError data-dir-unusable
 */
export async function keptJwtSecret(dataDir: string): Promise<Uint8Array> {
  const { path } = await openDataDir(dataDir)
  const file = join(path, 'jwt.secret')
  try {
    return (await read(file)) ?? (await make(file))
  } catch (error) {
    throw unusableBecause(path, error)
  }
}

async function read(file: string): Promise<Uint8Array | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  const secret = Buffer.from(text.trim(), 'base64url')
  if (secret.length >= BYTES) return secret
  throw new Error(`${file} is damaged; remove it, and everybody signs in again`)
}

/** Written aside and linked into place: two first starts at once agree on one whole secret. */
async function make(file: string): Promise<Uint8Array> {
  const aside = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  await writeFile(aside, `${randomBytes(BYTES).toString('base64url')}\n`, { mode: 0o600 })
  try {
    await link(aside, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(aside, { force: true })
  }
  return (await read(file))!
}
