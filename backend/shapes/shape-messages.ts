/** The messages of the protocol, as JSON texts. In each, `headers` stands last. */
import type { FeedChange, RowImage } from '../../projections/postgres/change-feed.ts'
import type { PgSnapshot } from './pg-snapshot.ts'
import type { ShapeDefinition } from './shape-definition.ts'
import type { TableInfo } from './table-info.ts'

/** A row that the snapshot shows. */
export function snapshotMessage({ table, columns }: ShapeDefinition, row: RowImage): string {
  return JSON.stringify({
    key: rowKey(table, row),
    value: picked(row, columns),
    headers: { operation: 'insert', relation: relationOf(table) },
  })
}

/**
 * What a change means to a shape: a row that comes in is an insert and one that goes out a delete,
 * whatever the change was to the table.
 * @param isWanted whether the shape has a row
 * @returns null where the shape does not show it
 */
export function changeMessage(
  { table, columns, replica }: ShapeDefinition,
  isWanted: (row: RowImage) => boolean,
  { oldRow, newRow, commit, op, xid }: FeedChange,
): string | null {
  const before = oldRow && isWanted(oldRow) ? oldRow : null
  const after = newRow && isWanted(newRow) ? newRow : null
  const row = after ?? before
  if (!row) return null
  const operation = !before ? 'insert' : !after ? 'delete' : 'update'
  const changed = before && after ? columns.filter((name) => before[name] !== after[name]) : columns
  if (changed.length === 0) return null

  const names = {
    insert: columns,
    update: replica === 'full' ? columns : [...table.key, ...changed],
    delete: replica === 'full' ? columns : table.key,
  }[operation]
  return JSON.stringify({
    key: rowKey(table, row),
    value: picked(row, names),
    ...(replica === 'full' && operation === 'update' && { old_value: picked(before!, changed) }),
    headers: {
      operation,
      relation: relationOf(table),
      txids: [shortXid(xid)],
      lsn: String(commit),
      op_position: op,
    },
  })
}

/** A change's message as the last one of its transaction. */
export function asLast(message: string): string {
  return `${message.slice(0, -2)},"last":true}}`
}

export function snapshotEnd({ xmin, xmax, xipList }: PgSnapshot): string {
  return JSON.stringify({ headers: { control: 'snapshot-end', xmin, xmax, xip_list: xipList } })
}

/** @param commit up to which the shape's log is complete */
export function upToDate(commit: number): string {
  return JSON.stringify({
    headers: { control: 'up-to-date', global_last_seen_lsn: String(commit) },
  })
}

export const MUST_REFETCH = JSON.stringify({ headers: { control: 'must-refetch' } })

function rowKey({ schema, name, key }: TableInfo, row: RowImage): string {
  const relation = [schema, name].map((part) => `"${part.replaceAll('.', '..')}"`).join('.')
  const values = key.map((column) => `"${(row[column] ?? '').replaceAll('/', '//')}"`)
  return [relation.replaceAll('/', '//'), ...values].join('/')
}

function relationOf({ schema, name }: TableInfo): [string, string] {
  return [schema, name]
}

function picked(row: RowImage, names: readonly string[]): RowImage {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
}

/** The 32 bits of a transaction's id that `pg_current_xact_id()::xid` shows. */
function shortXid(xid: string): number {
  return Number(BigInt.asUintN(32, BigInt(xid)))
}
