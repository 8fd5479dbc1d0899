/** The medians of what was measured, for each contestant, and what of it is printed. */
import { median } from '../median.ts'
import { MOMENTS, type Sizes } from './contestant.ts'
import type { ContestantName } from './contestants.ts'
import type { Sample } from './job.ts'
import type { TableRow } from './table.ts'

export interface ContestantFigures {
  /** Medians over the rounds. */
  readonly median: Sample
  /** Every round's figures. */
  readonly rounds: Readonly<Record<string, readonly number[]>>
  readonly sizes: Sizes
}

/** The figures of one trace, by contestant. */
export interface TraceFigures {
  readonly trace: string
  readonly operations: number
  readonly contestants: Readonly<Partial<Record<ContestantName, ContestantFigures>>>
}

/** @param samples of one contestant, each with figures of one measurement in one round */
export function figuresOf(samples: readonly Sample[], sizes: Sizes): ContestantFigures {
  const rounds: Record<string, number[]> = {}
  for (const sample of samples) {
    for (const [name, figure] of Object.entries(sample)) (rounds[name] ??= []).push(figure)
  }
  const medians = Object.entries(rounds).map(([name, figures]) => [name, median(figures)])
  return { median: Object.fromEntries(medians) as Sample, rounds, sizes }
}

/** The smallest of what a library can write its history in; undefined where it writes none. */
export function smallestArchive(sizes: Sizes, compressor: 'gzip' | 'brotli'): number | undefined {
  return leastOf(Object.values(sizes.archives).map((archive) => archive[compressor]))
}

/** The fewest bytes of an operation on the wire, deflated. */
export function smallestWire(sizes: Sizes): number | undefined {
  return leastOf(Object.values(sizes.wire).map(({ deflated }) => deflated))
}

function leastOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values)
}

const whole = (value: number) => Math.round(value).toLocaleString('en')
const tenths = (value: number) => value.toFixed(1)
const megabytes = (value: number) => (value / 1e6).toFixed(1)
const kilobytes = (value: number) => whole(value / 1e3)

/** The rows of a trace's table; a row of which no contestant has a figure is left out. */
export function rowsOf({ operations, contestants }: TraceFigures): TableRow<ContestantName>[] {
  const row = (
    label: string,
    better: 'more' | 'less',
    print: (value: number) => string,
    valueOf: (figures: ContestantFigures) => number | undefined,
  ): TableRow<ContestantName> => {
    const entries = Object.entries(contestants) as [ContestantName, ContestantFigures][]
    const values = entries.flatMap(([name, figures]) => {
      const value = valueOf(figures)
      return value === undefined ? [] : [[name, value] as const]
    })
    return { label, better, print, values: new Map(values) }
  }
  const time = (label: string, name: string) =>
    row(`${label}, ms`, 'less', tenths, ({ median }) => median[`${name} cpu`])
  const speed = (label: string, name: string) =>
    row(`${label}, operations/s`, 'more', whole, ({ median }) => {
      const ms = median[`${name} cpu`]
      return ms === undefined ? undefined : (1_000 * operations) / ms
    })
  const moments = MOMENTS.flatMap((count) => [
    time(`state at ${whole(count)}`, `see ${count}`),
    time('  and read as JSON', `read ${count}`),
  ])
  const rows = [
    speed('one by one', 'one by one'),
    speed('  in a cold process', 'one by one, cold'),
    speed('batches of 500', 'batches'),
    speed('  in a cold process', 'batches, cold'),
    time('open from storage', 'open'),
    time('  and read as JSON', 'read'),
    time('JSON.parse of the same', 'parse'),
    ...moments,
    time('late branch of 100', 'late'),
    row('heap after load, MB', 'less', megabytes, ({ median }) => median['loaded']),
    row('  and read once, MB', 'less', megabytes, ({ median }) => median['loaded and read']),
    row('full history, KB gzip', 'less', kilobytes, ({ sizes }) => smallestArchive(sizes, 'gzip')),
    row('full history, KB brotli', 'less', kilobytes, ({ sizes }) =>
      smallestArchive(sizes, 'brotli'),
    ),
    row('on the wire, bytes each', 'less', tenths, ({ sizes }) => smallestWire(sizes)),
  ]
  return rows.filter(({ values }) => values.size > 0)
}
