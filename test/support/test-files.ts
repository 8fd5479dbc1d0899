import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export type Group = 'unit' | 'pg' | 'browser'

export interface TestFile {
  /** Absolute path. */
  path: string
  group: Group
}

/** Test files that one mocha process runs, one after the other; all of one group. */
export interface Shard {
  group: Group
  paths: string[]
}

interface GroupRules {
  needs: string
  /** A process costs about a second to start (and a Postgres to start), a shard can be ended whole. */
  filesPerProcess: number
  /** Browser tests drive several processes each: one shard of them is enough for a small machine. */
  processesAtOnce: number
  /** A process that runs longer is killed, and counts as failed. */
  limitSeconds: number
}

export const GROUPS: Record<Group, GroupRules> = {
  browser: { needs: 'Chromium', filesPerProcess: 4, processesAtOnce: 1, limitSeconds: 420 },
  pg: { needs: 'Postgres', filesPerProcess: 3, processesAtOnce: Infinity, limitSeconds: 300 },
  unit: { needs: 'nothing', filesPerProcess: 15, processesAtOnce: Infinity, limitSeconds: 300 },
}

/** Every test file under `folder`, sorted by path. */
export function findTestFiles(folder: string): TestFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => ({ path: join(folder, name), group: groupOf(name) }))
}

/**
 * The files that the words ask for: a word that is a group's name narrows to that group, any other
 * is part of a path. No word asks for all.
 */
export function selectTestFiles(files: readonly TestFile[], words: readonly string[]): TestFile[] {
  const groups = words.filter((word) => Object.hasOwn(GROUPS, word))
  const parts = words.filter((word) => !Object.hasOwn(GROUPS, word))
  return files.filter(
    ({ path, group }) =>
      (groups.length === 0 || groups.includes(group)) &&
      (parts.length === 0 || parts.some((part) => path.replaceAll('\\', '/').includes(part))),
  )
}

/** The longest first, so that the short ones fill the gaps at the end. */
export function planShards(files: readonly TestFile[]): Shard[] {
  const names = Object.keys(GROUPS) as Group[]
  return names.flatMap((group) => {
    const paths = files.filter((file) => file.group === group).map((file) => file.path)
    const count = Math.ceil(paths.length / GROUPS[group].filesPerProcess)
    const size = Math.ceil(paths.length / count)
    return Array.from({ length: count }, (_, i) => ({
      group,
      paths: paths.slice(i * size, (i + 1) * size),
    }))
  })
}

function groupOf(name: string): Group {
  if (name.endsWith('.browser.test.ts')) return 'browser'
  return name.endsWith('.pg.test.ts') ? 'pg' : 'unit'
}
