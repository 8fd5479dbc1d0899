/** The statements that write a read model's rows. Names come from read models, never from users. */
import type { Row, Table } from '../read-model.ts'

/** Characters of JSON in one statement: enough for thousands of rows, little enough to hold twice. */
const CHUNK_CHARACTERS = 8_000_000
/** Rows in one statement. */
const CHUNK_ROWS = 5_000

const quoted = (name: string): string => `"${name}"`
const list = (names: readonly string[], of = ''): string =>
  names.map((name) => of + quoted(name)).join(', ')

const columnsOf = (table: Table): string[] => Object.keys(table.columns)
const valuesOf = (table: Table): string[] =>
  columnsOf(table).filter((column) => !table.key.includes(column))

export const nameOf = ({ table }: Table): string => `public.${quoted(table)}`
/** The temporary table of the rows that a table should have. */
export const collectedName = ({ table }: Table): string => `pg_temp.${quoted(`collected_${table}`)}`

const sameKey = ({ key }: Table): string =>
  key.map((column) => `t.${quoted(column)} = w.${quoted(column)}`).join(' AND ')

/** Rows handed over as the JSON parameter $1. */
export function givenRows(table: Table): string {
  const types = columnsOf(table).map((column) => `${quoted(column)} ${table.columns[column]}`)
  return `json_to_recordset($1::json) AS w(${types.join(', ')})`
}

/** Rows that were collected before. */
export const collectedRows = (table: Table): string => `${collectedName(table)} AS w`

/** Inserts those wanted rows that are not there. */
export function insertMissing(table: Table, wanted: string): string {
  return `INSERT INTO ${nameOf(table)} (${list(columnsOf(table))})
    SELECT ${list(columnsOf(table), 'w.')} FROM ${wanted}
     WHERE NOT EXISTS (SELECT FROM ${nameOf(table)} t WHERE ${sameKey(table)})`
}

/** Updates those rows that read otherwise than wanted. */
export function updateDifferent(table: Table, wanted: string): string {
  const values = valuesOf(table)
  return `UPDATE ${nameOf(table)} t
      SET ${values.map((column) => `${quoted(column)} = w.${quoted(column)}`).join(', ')}
     FROM ${wanted}
    WHERE ${sameKey(table)}
      AND (${list(values, 't.')}) IS DISTINCT FROM (${list(values, 'w.')})`
}

/** Adds rows to those that the table should have. */
export function collectGiven(table: Table): string {
  const columns = list(columnsOf(table))
  return `INSERT INTO ${collectedName(table)} (${columns}) SELECT ${columns} FROM ${givenRows(table)}`
}

export function deleteGiven(table: Table): string {
  return `DELETE FROM ${nameOf(table)} t USING ${givenRows(table)} WHERE ${sameKey(table)}`
}

/**
 * Deletes the rows that are not wanted, within the scopes of the parameter `$scopes` where it is not
 * null, and never within those of the next parameter.
 */
export function deleteUnwanted(table: Table, wanted: string, scopes: number): string {
  const scope = `t.${quoted(table.scope)}`
  return `DELETE FROM ${nameOf(table)} t
    WHERE ($${scopes}::uuid[] IS NULL OR ${scope} = ANY ($${scopes}::uuid[]))
      AND ${scope} <> ALL ($${scopes + 1}::uuid[])
      AND NOT EXISTS (SELECT FROM ${wanted} WHERE ${sameKey(table)})`
}

/** Rows as JSON arrays, each small enough for one statement. */
export function* jsonChunks(rows: Iterable<Row>): Generator<{ json: string; count: number }> {
  let texts: string[] = []
  let characters = 0
  const chunk = () => ({ json: `[${texts.join(',')}]`, count: texts.length })
  for (const row of rows) {
    const text = JSON.stringify(row)
    if (
      texts.length >= CHUNK_ROWS ||
      (characters > 0 && characters + text.length > CHUNK_CHARACTERS)
    ) {
      yield chunk()
      texts = []
      characters = 0
    }
    texts.push(text)
    characters += text.length
  }
  if (texts.length > 0) yield chunk()
}
