/**
 * `npm run simulate`: seed after seed, on all cores, until the time is over; ends with one line of
 * counts, and with 0 only when no seed failed and the faults that it is about really came about.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { showProgress } from '../../scripts/progress.ts'
import type { Outcome, Task } from './worker.ts'
import { HAPPENINGS, noCounts, type Counts, type Happening } from './witness.ts'

interface Options {
  readonly seed: number
  readonly minutes: number
  readonly seeds: number
  readonly only?: readonly number[]
  readonly processes: number
  readonly json?: boolean
  readonly break?: string
}

const whole = (text: string): number => {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0) return value
  throw new InvalidArgumentError('It must be a whole number.')
}
const positive = (text: string): number => {
  const value = Number(text)
  if (value > 0) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}

const options = new Command('npm run simulate --')
  .description(
    'Plays random histories of several devices and a server under faults, each from one seed, and ' +
      'checks after every step that all agree.',
  )
  .option('--seed <n>', 'the first seed', whole, 1)
  .option('--minutes <m>', 'begin no new seed after so long', positive, 1)
  .option('--seeds <n>', 'at most so many seeds', positive, Infinity)
  .option('--only <indices>', "play these actions of the first seed's script alone", (text) =>
    text.split(',').filter(Boolean).map(whole),
  )
  .option('--processes <n>', 'at once', positive, availableParallelism())
  .option('--json', 'print one JSON object instead of text')
  .addOption(new Option('--break <name>').hideHelp())
  .parse()
  .opts<Options>()

/** A seed that takes longer has come to a standstill that its own bounds do not see. */
const STUCK_MS = 120_000
const SHRINK_MS = 30_000
/** Of a run of this many seeds it can be expected that everything has happened. */
const MANY_SEEDS = 200

const wordsOf = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const total: Counts = noCounts()
const happened = new Map<Happening, number>(HAPPENINGS.map((what) => [what, 0]))
const failures: Outcome[] = []
let begun = 0
let done = 0
const startedAt = performance.now()
const endsAt = startedAt + options.minutes * 60_000
const progress = showProgress('s')

await Promise.all(Array.from({ length: processes() }, work))
progress.end()
conclude()

function processes(): number {
  return options.only ? 1 : Math.min(options.processes, options.seeds)
}

async function work(): Promise<void> {
  let worker = startWorker()
  for (let seed = nextSeed(); seed !== null; seed = nextSeed()) {
    const outcome = await perform(worker, seed)
    if (outcome === 'stuck') {
      worker.kill('SIGKILL')
      worker = startWorker()
      fail({ seed, counts: noCounts(), happened: [], failure: standstill(seed) })
    } else {
      for (const [name, count] of Object.entries(outcome.counts))
        total[name as keyof Counts] += count
      for (const [what, count] of outcome.happened) {
        happened.set(what, (happened.get(what) ?? 0) + count)
      }
      if (outcome.failure) fail(outcome)
    }
    done += 1
    const seconds = Math.floor((performance.now() - startedAt) / 1_000)
    const all = Math.round(options.minutes * 60)
    progress.update('Simulating', Math.min(seconds, all), all)
  }
  worker.kill()
}

function nextSeed(): number | null {
  const isOver = performance.now() > endsAt || begun >= (options.only ? 1 : options.seeds)
  // Whoever breaks a rule on purpose only wants to know whether it is noticed.
  if (isOver || (options.break && failures.length > 0)) return null
  return options.seed + begun++
}

function startWorker(): ChildProcess {
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  const breaking = options.break ? [`--import=${new URL('break.ts', import.meta.url).href}`] : []
  return fork(file('worker.ts'), {
    execArgv: ['--import=tsx', ...breaking],
    env: { ...process.env, BREAK: options.break ?? '' },
  })
}

function perform(worker: ChildProcess, seed: number): Promise<Outcome | 'stuck'> {
  const { only } = options
  const task: Task = { seed, shrinkMs: options.break ? 0 : SHRINK_MS, ...(only && { only }) }
  return new Promise((resolve, reject) => {
    const overtime = setTimeout(() => settle('stuck'), STUCK_MS + SHRINK_MS)
    const ended = (code: number | null) => {
      clearTimeout(overtime)
      reject(new Error(`A worker ended by itself, with ${code}, at seed ${seed}.`))
    }
    const settle = (outcome: Outcome | 'stuck') => {
      clearTimeout(overtime)
      worker.off('exit', ended)
      worker.off('message', settle)
      resolve(outcome)
    }
    worker.once('exit', ended)
    worker.once('message', settle)
    worker.send(task)
  })
}

function standstill(seed: number): NonNullable<Outcome['failure']> {
  return { message: `Seed ${seed} came to a standstill.`, of: 0, kept: [], actions: [] }
}

function fail(outcome: Outcome): void {
  failures.push(outcome)
  if (options.json) return
  const { message, of, kept, actions } = outcome.failure!
  const lines = [
    `\nSeed ${outcome.seed} fails: ${message}`,
    `It takes ${kept.length} of its ${of} actions:`,
    ...actions.map((action) => `  ${JSON.stringify(action)}`),
    `Again: npm run simulate -- --seed ${outcome.seed} --only ${kept.join(',')}\n`,
  ]
  process.stderr.write(lines.join('\n'))
}

function conclude(): void {
  const all = [...Object.entries(total), ...happened]
  const idle = all.filter(([, count]) => count === 0).map(([what]) => what)
  const didNothing = done >= MANY_SEEDS && idle.length > 0
  if (options.json) {
    const seeds = failures.map(({ seed }) => seed)
    const counts = { seeds: done, ...total, happened: Object.fromEntries(happened) }
    process.stdout.write(`${JSON.stringify({ ...counts, failures: seeds })}\n`)
  } else {
    if (didNothing) process.stderr.write(`It proves nothing: there were no ${idle.join(', ')}.\n`)
    const counts = Object.entries(total).map(([name, count]) => `${wordsOf(name)} ${count}`)
    process.stdout.write(`seeds ${done}, ${counts.join(', ')}, failures ${failures.length}\n`)
  }
  process.exitCode = failures.length > 0 || didNothing || done === 0 ? 1 : 0
}
