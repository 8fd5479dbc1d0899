import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeShard, type TestResult } from './judge-shard.ts'
import { runMocha } from './mocha-process.ts'
import { GROUPS, type Group, type Shard } from './test-files.ts'
import type { TestEvent } from './test-event.ts'

export interface RunOptions {
  processesAtOnce: number
  /** Aborted when the run must end now: what has not run by then counts as failed. */
  stop: AbortSignal
  /** What a group needs before its first shard; a throw fails every file of the group. */
  prepare: Partial<Record<Group, () => Promise<void>>>
  onEvent: (event: TestEvent) => void
  /** Called as a shard is judged, with what it proves. */
  onResults: (results: TestResult[]) => void
}

/** Runs all shards, as many at once as the options and their groups allow. */
export async function runShards(shards: readonly Shard[], options: RunOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'))
  const waiting = [...shards]
  const running = new Map<Promise<void>, Group>()
  const prepared = new Map<Group, Promise<void>>()
  const prepare = (group: Group): Promise<void> => {
    const ready = prepared.get(group) ?? options.prepare[group]?.() ?? Promise.resolve()
    prepared.set(group, ready)
    return ready
  }
  let count = 0

  const runOne = async (shard: Shard): Promise<void> => {
    try {
      await prepare(shard.group)
    } catch (error) {
      options.onResults(failWhole(shard, String(error instanceof Error ? error.message : error)))
      return
    }
    const ownFolder = join(folder, String(++count))
    mkdirSync(ownFolder)
    const limitMs = GROUPS[shard.group].limitSeconds * 1000
    const { stop, onEvent } = options
    const run = await runMocha(shard.paths, { folder: ownFolder, limitMs, stop, onEvent })
    const { results, again } = judgeShard(shard, run)
    waiting.push(...again)
    options.onResults(results)
  }

  const startable = (): number => {
    if (running.size >= options.processesAtOnce) return -1
    return waiting.findIndex(({ group }) => {
      const ofGroup = [...running.values()].filter((other) => other === group).length
      return ofGroup < GROUPS[group].processesAtOnce
    })
  }

  try {
    while (waiting.length > 0 || running.size > 0) {
      if (options.stop.aborted) {
        for (const shard of waiting.splice(0)) {
          options.onResults(failWhole(shard, 'Not run: the whole run was at an end.'))
        }
      }
      for (let at = startable(); at >= 0; at = startable()) {
        const [shard] = waiting.splice(at, 1)
        if (!shard) break
        const done: Promise<void> = runOne(shard).finally(() => running.delete(done))
        running.set(done, shard.group)
      }
      await Promise.race(running.keys())
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function failWhole(shard: Shard, detail: string): TestResult[] {
  return shard.paths.map((file) => ({ outcome: 'failed', file, title: '(the file)', detail }))
}
