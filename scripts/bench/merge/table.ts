/** Figures of several contestants side by side, each with how far the first one is ahead of it. */

export interface TableRow<Name extends string = string> {
  readonly label: string
  /** Whether a greater figure is the better one, or a smaller. */
  readonly better: 'more' | 'less'
  readonly print: (value: number) => string
  /** By contestant; who cannot do it has none. */
  readonly values: ReadonlyMap<Name, number>
}

/**
 * How many times better `own` is than `other`: 2 is twice as fast, or half as large, and below 1 it
 * is behind.
 */
export function timesAhead(own: number, other: number, better: 'more' | 'less'): number {
  return better === 'more' ? own / other : other / own
}

/** A ratio with two digits that matter, of any size. */
export function printRatio(ratio: number): string {
  return ratio >= 10 ? Math.round(ratio).toLocaleString('en') : ratio.toFixed(ratio >= 1 ? 1 : 2)
}

/** @param names of the columns; ratios say how far the first is ahead */
export function tableLines<Name extends string>(
  names: readonly Name[],
  rows: readonly TableRow<Name>[],
): string[] {
  const cells = [
    ['', ...names],
    ...rows.map((row) => [row.label, ...names.map((name) => cellOf(row, name, names[0]!))]),
  ]
  const widths = cells[0]!.map((_, column) =>
    Math.max(...cells.map((line) => line[column]!.length)),
  )
  return cells.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  )
}

function cellOf<Name extends string>(row: TableRow<Name>, name: Name, first: Name): string {
  const value = row.values.get(name)
  const own = row.values.get(first)
  if (value === undefined) return '-'
  if (name === first || own === undefined) return row.print(value)
  return `${row.print(value)} (x${printRatio(timesAhead(own, value, row.better))})`
}
