/** What this project set itself, and whether it is so: times are of CPU, in the same run. */
import { MOMENTS } from './contestant.ts'
import { RIVALS, type ContestantName } from './contestants.ts'
import {
  smallestArchive,
  smallestWire,
  type ContestantFigures,
  type TraceFigures,
} from './figures.ts'

export interface Goal {
  readonly goal: string
  /** What has to be at most, or at least, `limit`. */
  readonly value: number
  readonly limit: number
  readonly isReached: boolean
}

const SLOWEST_MOMENT_MS = 25
const LATE_SHARE = 1 / 20

/** The goals of which a trace has the figures. */
export function goalsOf({ contestants }: TraceFigures): Goal[] {
  const own = contestants.tributary
  if (!own) return []
  const yjs = [contestants.yjs, contestants['yjs, gc off']]
  const rivals = RIVALS.map((name: ContestantName) => contestants[name])
  const inMs = (name: string) => (figures: ContestantFigures) => figures.median[`${name} cpu`]
  // One of them opens lazily, and pays when it is read.
  const openAndRead = ({ median }: ContestantFigures) =>
    median['open cpu'] === undefined ? undefined : median['open cpu'] + median['read cpu']!
  const fold = (name: string) => contestants['plain fold']?.median[`${name} cpu`]

  const applying = ['one by one', 'batches'].flatMap((name) => [
    atLeast(`${name}: times as fast as Yjs`, 3, ratio(least(yjs, inMs(name)), inMs(name)(own))),
    atLeast(`${name}: share of the plain fold`, 0.5, ratio(fold(name), inMs(name)(own))),
  ])
  const parse = own.median['parse cpu']
  const moments = MOMENTS.map((count) => `see ${count}`)
  const archives = (['gzip', 'brotli'] as const).map((compressor) => {
    const sizeOf = ({ sizes }: ContestantFigures) => smallestArchive(sizes, compressor)
    const kept = contestants['yjs, gc off']
    return atMost(`full history: ${compressor}, bytes`, kept && sizeOf(kept), sizeOf(own))
  })
  const wireOf = ({ sizes }: ContestantFigures) => smallestWire(sizes)
  return [
    ...applying,
    atMost('open: times JSON.parse', 2, ratio(inMs('open')(own), parse)),
    atMost(
      'open: ms, at most the best of the others',
      least(rivals, inMs('open')),
      inMs('open')(own),
    ),
    atMost(
      'open and read: ms, at most the best of the others',
      least(rivals, openAndRead),
      openAndRead(own),
    ),
    ...moments.map((name) =>
      atMost(
        `${name}: ms, at most the best of the others`,
        least(rivals, inMs(name)),
        inMs(name)(own),
      ),
    ),
    atMost('past states: ms of the slowest', SLOWEST_MOMENT_MS, greatestOf(moments, own)),
    atMost(
      'late branch: share of a full replay',
      LATE_SHARE,
      ratio(inMs('late')(own), inMs('batches')(own)),
    ),
    atMost(
      'heap after load: bytes, at most the best of the others',
      least(rivals, ({ median }) => median['loaded']),
      own.median['loaded'],
    ),
    ...archives,
    atMost('on the wire: bytes an operation', least(yjs, wireOf), wireOf(own)),
  ].filter((goal) => goal !== null)
}

function atMost(goal: string, limit: number | undefined, value: number | undefined): Goal | null {
  if (limit === undefined || value === undefined) return null
  return { goal, value, limit, isReached: value <= limit }
}

function atLeast(goal: string, limit: number, value: number | undefined): Goal | null {
  return value === undefined ? null : { goal, value, limit, isReached: value >= limit }
}

function ratio(value: number | undefined, to: number | undefined): number | undefined {
  return value === undefined || to === undefined ? undefined : value / to
}

function greatestOf(names: readonly string[], { median }: ContestantFigures): number | undefined {
  const values = names.flatMap((name) => median[`${name} cpu`] ?? [])
  return values.length === 0 ? undefined : Math.max(...values)
}

/** The best of those who have the figure. */
function least(
  contestants: readonly (ContestantFigures | undefined)[],
  valueOf: (figures: ContestantFigures) => number | undefined,
): number | undefined {
  const values = contestants.flatMap((figures) => (figures && valueOf(figures)) ?? [])
  return values.length === 0 ? undefined : Math.min(...values)
}

/** One line for each goal. */
export function goalLines(goals: readonly Goal[]): string[] {
  const print = (value: number) =>
    value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(2)
  const widest = Math.max(...goals.map(({ goal }) => goal.length))
  return goals.map(({ goal, value, limit, isReached }) => {
    const verdict = isReached ? 'reached' : 'NOT reached'
    return `${goal.padEnd(widest)}  ${print(value).padStart(10)}  of ${print(limit).padStart(10)}  ${verdict}`
  })
}
