import type { Shard } from './test-files.ts'
import type { TestEvent } from './test-event.ts'

export interface TestResult {
  outcome: 'passed' | 'failed' | 'skipped'
  file: string
  title: string
  /** The error of a failed test, the reason of a skipped one. */
  detail: string
}

/** How a mocha process went. */
export interface ShardRun {
  events: TestEvent[]
  /** In words: 'exit code 1', 'signal SIGSEGV'; null for a process that ended well. */
  brokeBy: string | null
  /** What it printed, the end of it. */
  output: string
}

export interface Verdict {
  results: TestResult[]
  /** Files that another process must run, as this one never came to them. */
  again: Shard[]
}

/**
 * What one mocha process proves. Guarantees: every file of the shard gives at least one result or is
 * run again; a shard is only run again in fewer files than before; a process that did not end well
 * never yields passes alone.
 */
export function judgeShard(shard: Shard, run: ShardRun): Verdict {
  const { events, brokeBy, output } = run
  const results = events.flatMap(resultOf)
  const begun = new Set(events.flatMap((event) => ('file' in event ? [event.file] : [])))
  const untouched = shard.paths.filter((path) => !begun.has(path))
  const fail = (file: string, title: string, detail: string): void => {
    results.push({ outcome: 'failed', file, title, detail: `${detail}\n${output}`.trim() })
  }

  if (events.at(-1)?.type === 'end') {
    const noHook = results.every(({ outcome, file }) => outcome !== 'failed' || file !== '')
    for (const path of untouched) {
      const why = noHook ? 'It holds no test.' : 'Not run, as a hook for all files failed.'
      fail(path, '(the file)', why)
    }
    const explained = results.some(({ outcome }) => outcome === 'failed')
    if (brokeBy !== null && !(explained && brokeBy.startsWith('exit code'))) {
      fail(shard.paths.join(', '), '(after the last test)', `The test process ended by ${brokeBy}.`)
    }
    return { results, again: [] }
  }

  const why = `The test process ended by ${brokeBy ?? 'itself'}.`
  const underWay = events.findLast((event) => event.type === 'begin' && event.file !== '')
  if (underWay?.type === 'begin') {
    fail(underWay.file, underWay.title, why)
    return { results, again: untouched.length > 0 ? [{ ...shard, paths: untouched }] : [] }
  }
  const [first, ...others] = shard.paths
  if (others.length === 0) {
    fail(first ?? '', '(loading the file)', why)
    return { results, again: [] }
  }
  // One of them broke the process before its first test; alone, each speaks for itself.
  return { results, again: shard.paths.map((path) => ({ ...shard, paths: [path] })) }
}

function resultOf(event: TestEvent): TestResult[] {
  switch (event.type) {
    case 'pass':
      return [{ outcome: 'passed', file: event.file, title: event.title, detail: '' }]
    case 'fail':
      return [{ outcome: 'failed', file: event.file, title: event.title, detail: event.error }]
    case 'skip': {
      const { file, title, reason } = event
      if (reason !== null) return [{ outcome: 'skipped', file, title, detail: reason }]
      const detail = "Skipped without a reason. Say it: skipBecause(this, '…')."
      return [{ outcome: 'failed', file, title, detail }]
    }
    default:
      return []
  }
}
