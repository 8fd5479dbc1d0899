/** What has to be written so that a table's rows of one fold become others. */
import { sameJson } from '../domain/json.ts'
import type { Row, Table } from './read-model.ts'

export interface RowChanges {
  readonly table: Table
  /** Rows that are new. */
  readonly inserted: readonly Row[]
  /** Rows that read differently now. */
  readonly updated: readonly Row[]
  /** Rows that are gone, of which only the key counts. */
  readonly deleted: readonly Row[]
  /** Where it is not known what the table holds: the scope whose rows are `inserted`, and no others. */
  readonly replacedScope?: string
}

/** The changes from the rows before to the rows after; null where there are none. */
export function diffRows(
  table: Table,
  before: readonly Row[],
  after: readonly Row[],
): RowChanges | null {
  // Almost every row is the same object as before, and is not looked into.
  const [known, kept] = [new Set(before), new Set(after)]
  const gone = new Map<string, Row>()
  for (const row of before) if (!kept.has(row)) gone.set(keyOf(table, row), row)
  const inserted: Row[] = []
  const updated: Row[] = []
  for (const row of after) {
    if (known.has(row)) continue
    const key = keyOf(table, row)
    const previous = gone.get(key)
    gone.delete(key)
    if (!previous) inserted.push(row)
    else if (!sameJson(previous, row)) updated.push(row)
  }
  if (inserted.length + updated.length + gone.size === 0) return null
  return { table, inserted, updated, deleted: [...gone.values()] }
}

function keyOf({ key }: Table, row: Row): string {
  return JSON.stringify(key.map((column) => row[column]))
}
