import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { unusableBecause } from './data-dir.ts'
import { systemErrorCode } from './embedded-postgres-error.ts'

/** @returns null when there is none yet; @throws EmbeddedPostgresError data-dir-unusable */
export async function readPassword(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    // Only what we make ourselves is put into a statement.
    return /^[0-9a-f]{32,}$/.test(text) ? text : null
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw unusableBecause(dirname(path), error)
  }
}

/** Makes a random password and keeps it, readable for its owner alone. */
export async function makePassword(path: string): Promise<string> {
  const password = randomBytes(32).toString('hex')
  const aside = `${path}.new`
  try {
    const file = await open(aside, 'w', 0o600)
    await file.chmod(0o600)
    await file.writeFile(`${password}\n`)
    await file.sync()
    await file.close()
    await rename(aside, path)
  } catch (error) {
    throw unusableBecause(dirname(path), error)
  }
  return password
}
