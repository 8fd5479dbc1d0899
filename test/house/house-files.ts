import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The rooms of ARCHITECTURE.md, and the code beside them. */
export const ROOMS = ['domain', 'projections', 'backend', 'frontend', 'scripts', 'test']

/** Source files by their path from the root, with forward slashes. */
export type Sources = ReadonlyMap<string, string>

/** Every file that is committed or would be: what git ignores is not part of the house. */
export function houseFiles(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  let listed: string
  try {
    listed = execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    throw new Error('The tests of the house ask git for its files: run them in a git clone.', {
      cause: error,
    })
  }
  const paths = new Set(listed.split('\0').filter((path) => path !== ''))
  return [...paths].filter((path) => existsSync(join(ROOT, path))).sort()
}

/** The code of the rooms: .ts and .vue. */
export function roomSources(): Sources {
  const paths = houseFiles().filter(
    (path) => ROOMS.includes(path.split('/')[0] ?? '') && /\.(ts|vue)$/.test(path),
  )
  return new Map(paths.map((path) => [path, readHouseFile(path)]))
}

export function readHouseFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
