/**
 * The merge, with conflicts and graph rules, beside three other libraries and the limit, a plain
 * fold: the same recorded edits, in one run, each figure from fresh processes that take turns.
 *
 * Every process checks that the steps and edges of the trace were reached, so that no figure is of
 * a merge that went wrong. The machine may be shared: figures are of CPU time, and count as ratios.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { showProgress } from '../progress.ts'
import type { Sizes } from './merge/contestant.ts'
import { CONTESTANTS, type ContestantName } from './merge/contestants.ts'
import { figuresOf, rowsOf, type TraceFigures } from './merge/figures.ts'
import { goalLines, goalsOf, type Goal } from './merge/goals.ts'
import {
  doJob,
  MEASUREMENT_LIMIT_MS,
  MEASUREMENTS,
  type Answer,
  type Job,
  type Measurement,
  type Sample,
} from './merge/job.ts'
import { tableLines } from './merge/table.ts'
import { readTrace } from './merge/trace.ts'

export interface MergeBench {
  readonly rounds: number
  readonly node: string
  readonly traces: readonly TraceBench[]
}

export interface TraceBench extends TraceFigures {
  readonly goals: readonly Goal[]
  /** Measurements that took too long: their figures are better than what is so. */
  readonly givenUp: readonly string[]
}

/** As many as there are cores on the smallest machine that people have. */
const PREPARED_AT_ONCE = 2

const ALL = Object.keys(CONTESTANTS) as ContestantName[]
/** Who is measured on further traces: those that end before the reader does. */
const QUICK = ALL.filter((name) => name !== 'automerge' && name !== 'yjs, gc off')
const QUICK_MEASUREMENTS: readonly Measurement[] = [
  'one by one',
  'batches',
  'open',
  'heap',
  'parse',
]

/** What a contestant has no answer to. */
const CANNOT: Readonly<Record<ContestantName, readonly Measurement[]>> = {
  tributary: [],
  'plain fold': ['open', 'heap', 'parse', 'past'],
  yjs: ['parse', 'past'],
  'yjs, gc off': ['parse'],
  automerge: ['parse'],
  loro: ['parse'],
}

/**
 * @param paths of traces of the format `pipeline-trace/1`, gzipped; the first is measured in full
 * @param rounds how many times everything is measured
 * @throws Error when a trace is missing, or a library did not reach what the trace expects
 */
export async function benchMerge(paths: readonly string[], rounds: number): Promise<MergeBench> {
  for (const path of paths) {
    if (existsSync(path)) continue
    throw new Error(`There is no trace at ${path}. Name one: npm run bench -- merge --trace FILE`)
  }
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'))
  const progress = showProgress('processes')
  try {
    const jobs = paths.flatMap((trace, index) => jobsOf(trace, index, folder))
    const sizes = await prepare(jobs, (done, total) => progress.update('prepare', done, total))
    const measured: { readonly job: Job; readonly sample: Sample }[] = []
    const measurements = jobs.filter(({ task }) => task !== 'prepare')
    const givenUp = new Map<Job, Answer>()
    for (let round = 0; round < rounds; round++) {
      for (const job of measurements) {
        const answer = givenUp.get(job) ?? (await doJob(job))
        if (answer.isGivenUp) givenUp.set(job, answer)
        measured.push({ job, sample: answer.sample })
        progress.update('measure', measured.length, rounds * measurements.length)
      }
    }
    const traces = paths.map((trace) => {
      const figures = traceFigures(trace, measured, sizes)
      const unfinished = [...givenUp.keys()].filter((job) => job.trace === trace)
      return {
        ...figures,
        givenUp: unfinished.map(({ contestant, task }) => `${contestant}, ${task}`),
        goals: goalsOf(figures),
      }
    })
    return { rounds, node: process.version, traces }
  } finally {
    progress.end()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Everything there is to do for a trace once, measurement by measurement, contestants in turn. */
function jobsOf(trace: string, index: number, folder: string): Job[] {
  const contestants = index === 0 ? ALL : QUICK
  const tasks = ['prepare', ...(index === 0 ? MEASUREMENTS : QUICK_MEASUREMENTS)] as const
  return tasks.flatMap((task) =>
    contestants
      .filter((contestant) => task === 'prepare' || !CANNOT[contestant].includes(task))
      .map((contestant) => {
        return { task, contestant, trace, folder: join(folder, `${index} ${contestant}`) }
      }),
  )
}

/** Nothing is measured yet, so that a second process may run beside the first. */
async function prepare(
  jobs: readonly Job[],
  onProgress: (done: number, total: number) => void,
): Promise<Map<string, Sizes>> {
  const all = jobs.filter(({ task }) => task === 'prepare')
  const waiting = [...all]
  const sizes = new Map<string, Sizes>()
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      sizes.set(job.folder, (await doJob(job)).sizes!)
      onProgress(sizes.size, all.length)
    }
  }
  await Promise.all(Array.from({ length: PREPARED_AT_ONCE }, work))
  return sizes
}

function traceFigures(
  trace: string,
  measured: readonly { readonly job: Job; readonly sample: Sample }[],
  sizes: ReadonlyMap<string, Sizes>,
): TraceFigures {
  const own = measured.filter(({ job }) => job.trace === trace)
  const contestants = ALL.flatMap((name) => {
    const mine = own.filter(({ job }) => job.contestant === name)
    if (mine.length === 0) return []
    const samples = mine.map(({ sample }) => sample)
    return [[name, figuresOf(samples, sizes.get(mine[0]!.job.folder)!)] as const]
  })
  return {
    trace: basename(trace),
    operations: readTrace(trace).ops.length,
    contestants: Object.fromEntries(contestants),
  }
}

/** The figures as tables, each with its goals. */
export function mergeLines({ rounds, traces }: MergeBench): string[] {
  return traces.flatMap((figures) => {
    const names = Object.keys(figures.contestants) as ContestantName[]
    return [
      '',
      `${figures.trace}: ${figures.operations} operations, medians of ${rounds} rounds, CPU time`,
      '(xN: how many times better tributary is)',
      '',
      ...tableLines(names, rowsOf(figures)),
      '',
      ...figures.givenUp.map((what) => `given up after ${MEASUREMENT_LIMIT_MS / 1000} s: ${what}`),
      ...formLines(figures),
      '',
      ...goalLines(figures.goals),
    ]
  })
}

/** Every form that was tried of what is archived and sent, for those who doubt the smallest. */
function formLines({ contestants }: TraceFigures): string[] {
  return Object.entries(contestants).flatMap(([name, { sizes }]) => [
    ...Object.entries(sizes.archives).map(([form, { raw, gzip, brotli }]) => {
      const [all, zipped, pressed] = [raw, gzip, brotli].map((size) => Math.round(size / 1e3))
      return `archive, ${name}, ${form}: ${all} KB, gzip ${zipped}, brotli ${pressed}`
    }),
    ...Object.entries(sizes.wire).map(([form, { raw, deflated }]) => {
      const sent = `${raw.toFixed(1)} bytes an operation, deflated ${deflated.toFixed(1)}`
      return `wire, ${name}, ${form}: ${sent}`
    }),
  ])
}
