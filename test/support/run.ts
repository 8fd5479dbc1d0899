/**
 * `npm test`: runs the test files in several mocha processes and counts what they report. A process
 * that crashes, hangs or never ends is a failure like any other; nothing that was started survives.
 * Exits 0 only when at least one test passed and none failed.
 */
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { prepareBrowser } from './prepare-browser.ts'
import { RunReport } from './run-report.ts'
import { runShards } from './run-shards.ts'
import { findTestFiles, GROUPS, planShards, selectTestFiles } from './test-files.ts'

interface Options {
  list?: boolean
  processes: number
  minutes: number
  folder: string
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const groups = Object.entries(GROUPS).map(([name, { needs }]) => `${name} (needs ${needs})`)
const command = new Command('npm test --')
  .description('Runs the tests.')
  .argument('[words...]', `a group: ${groups.join(', ')}; or a part of a path; none runs all`)
  .option('--list', 'list the files and run nothing')
  .option('--processes <n>', 'at most so many at once', positive, processesByDefault())
  .option('--minutes <n>', 'end the whole run, as failed, after so long', positive, 12)
  .option('--folder <path>', 'where the test files are', 'test')
  .parse()

await run(command.args, command.opts<Options>())

async function run(words: string[], options: Options): Promise<void> {
  const startedAt = Date.now()
  const files = selectTestFiles(findTestFiles(resolve(ROOT, options.folder)), words)
  if (options.list) {
    for (const { path } of files) console.log(relative(ROOT, path))
    return
  }
  process.chdir(ROOT)
  const report = new RunReport(process.stdout, { root: ROOT, fileCount: files.length })
  if (files.length === 0) report.line(`No test file matches ${words.join(' ') || 'test/'}.`)

  const stop = new AbortController()
  const overtime = setTimeout(() => {
    report.line(`Ending the run: it took longer than ${options.minutes} minutes.`)
    stop.abort()
  }, options.minutes * 60_000)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      report.line(`Ending the run: ${signal}.`)
      stop.abort()
    })
  }
  await runShards(planShards(files), {
    processesAtOnce: options.processes,
    stop: stop.signal,
    prepare: { browser: () => prepareBrowser((line) => report.line(line), stop.signal) },
    onEvent: (event) => report.event(event),
    onResults: (results) => report.results(results),
  })
  clearTimeout(overtime)
  report.line(
    `\n${files.length} ${files.length === 1 ? 'file' : 'files'} in ${Math.round((Date.now() - startedAt) / 1000)} s`,
  )
  process.exitCode = report.finish() ? 0 : 1
}

/** A core each, and no more than four: the tests share one disk and one Postgres binary. */
function processesByDefault(): number {
  return Math.min(4, Math.max(2, availableParallelism()))
}

function positive(text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}
