/** Which rows and columns of which table a shape has, checked against the catalog. */
import { InvalidRequest, type LogMode, type Replica, type ShapeRequest } from './shape-request.ts'
import type { TableInfo } from './table-info.ts'
import { checkWhere, type Condition } from './where/check-where.ts'
import { parseWhere } from './where/parse-where.ts'
import { WhereError } from './where/where-error.ts'

export interface ShapeDefinition {
  readonly table: TableInfo
  /** Those that are sent, the key's among them, in the order of the table. */
  readonly columns: readonly string[]
  readonly where: Condition | null
  readonly replica: Replica
  readonly log: LogMode
}

/**
 * @param table null where there is none, or none that is offered
 * @throws InvalidRequest
 */
export function defineShape(request: ShapeRequest, table: TableInfo | null): ShapeDefinition {
  if (!table) throw new InvalidRequest({ table: [noTable(request)] })
  const { replica, log } = request
  const columns = selectColumns(request, table)
  return { table, columns, where: readWhere(request, table), replica, log }
}

function noTable({ schema, table }: ShapeRequest): string {
  return (
    `Table "${schema}"."${table}" does not exist. If the table name contains capitals or special ` +
    'characters you must quote it.'
  )
}

function selectColumns({ columns }: ShapeRequest, table: TableInfo): string[] {
  const all = table.columns.map(({ name }) => name)
  if (columns === null) return all
  const unknown = columns.filter((name) => !all.includes(name))
  const missing = table.key.filter((name) => !columns.includes(name))
  const complaints = [
    ...(unknown.length > 0
      ? [`The following columns are not found on the table: ${unknown.join(', ')}`]
      : []),
    ...(missing.length > 0
      ? [`The list of columns must include all primary key columns, missing: ${missing.join(', ')}`]
      : []),
  ]
  if (complaints.length > 0) throw new InvalidRequest({ columns: complaints })
  return all.filter((name) => columns.includes(name))
}

function readWhere({ where, params }: ShapeRequest, table: TableInfo): Condition | null {
  if (where === null) return null
  const columns = new Map(
    table.columns.map(({ name, type, dimensions }) => [name, dimensions > 0 ? `_${type}` : type]),
  )
  try {
    return checkWhere(parseWhere(where), { columns, params })
  } catch (error) {
    if (error instanceof WhereError) throw new InvalidRequest({ where: [error.message] })
    throw error
  }
}
