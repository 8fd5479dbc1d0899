/** What a read model is: one table, and the pure function that makes its rows of a fold. */
import type { JsonValue } from '../domain/json.ts'

/** What a value of each Postgres type is in a row: times are ISO 8601 text, json is itself. */
interface ValueTypes {
  uuid: string
  text: string
  integer: number
  'double precision': number
  boolean: boolean
  timestamptz: string
  jsonb: JsonValue
}

export type ColumnType = keyof ValueTypes

/** Column name -> value, null for SQL's null. Never changed once it is made. */
export type Row = Readonly<Record<string, JsonValue>>

/**
 * One table of contract.md, section 5. `rowsOf` depends on nothing but the fold, so that the same
 * events give the same rows, live or rebuilt. It may give the same row object again for a thing that
 * did not change: comparing starts with identity.
 */
export interface ReadModel<Fold> {
  readonly table: string
  /** The primary key, in order. */
  readonly key: readonly string[]
  /** The key column that says whose rows they are: no two folds give rows with one value of it. */
  readonly scope: string
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly rowsOf: (fold: Fold) => readonly Row[]
}

/** A read model as the store knows it, who only needs the table's form. */
export type Table = Omit<ReadModel<never>, 'rowsOf'>

type RowOf<Columns extends Readonly<Record<string, ColumnType>>> = {
  readonly [Name in keyof Columns]: ValueTypes[Columns[Name]] | null
}

interface Definition<Fold, Columns extends Readonly<Record<string, ColumnType>>> {
  readonly table: string
  readonly columns: Columns
  readonly key: readonly (keyof Columns & string)[]
  readonly scope: keyof Columns & string
  readonly rowsOf: (fold: Fold) => readonly RowOf<Columns>[]
}

/** Defines a read model; its rows are checked to have exactly its columns. */
export function readModel<Fold>() {
  return <const Columns extends Readonly<Record<string, ColumnType>>>(
    definition: Definition<Fold, Columns>,
  ): ReadModel<Fold> => definition as unknown as ReadModel<Fold>
}
