/** Which transactions a snapshot of Postgres shows. */
export interface PgSnapshot {
  /** Transactions below are over. */
  readonly xmin: string
  /** Transactions from here on had not begun. */
  readonly xmax: string
  /** Those between that were under way. */
  readonly xipList: readonly string[]
}

/** @param text as `pg_current_snapshot()` prints it, `xmin:xmax:xip,xip,…` */
export function parsePgSnapshot(text: string): PgSnapshot {
  const [xmin = '', xmax = '', xips = ''] = text.split(':')
  return { xmin, xmax, xipList: xips === '' ? [] : xips.split(',') }
}

/** Whether the changes of a committed transaction are in the snapshot. */
export function isVisible({ xmin, xmax, xipList }: PgSnapshot, xid: string): boolean {
  const id = BigInt(xid)
  if (id < BigInt(xmin)) return true
  return id < BigInt(xmax) && !xipList.includes(xid)
}
