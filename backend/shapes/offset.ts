/**
 * Places in what a shape has to send. `0_n` is the end of the snapshot's n-th chunk, `0_inf` the end
 * of the snapshot; `<commit>_<op>` is right after one change of the feed.
 */

export interface Offset {
  /** Number of a commit in the feed; 0 for the snapshot. */
  readonly commit: number
  /** Number of a change in it from 1, or of a snapshot's chunk from 0; Infinity for the end. */
  readonly op: number
}

export const END_OF_SNAPSHOT: Offset = { commit: 0, op: Infinity }

export function isAfter(a: Offset, b: Offset): boolean {
  return a.commit === b.commit ? a.op > b.op : a.commit > b.commit
}

export function printOffset({ commit, op }: Offset): string {
  return `${commit}_${op === Infinity ? 'inf' : op}`
}

/** Null for every text that is no offset; `-1` and `now` are not places and no offsets here. */
export function parseOffset(text: string): Offset | null {
  const match = /^(\d{1,19})_(\d{1,10}|inf)$/.exec(text)
  if (!match) return null
  const commit = Number(match[1])
  const op = match[2] === 'inf' ? Infinity : Number(match[2])
  // Changes are counted from 1. A client that knows only the commit it has reached asks with 0, and
  // must not get that commit again.
  return { commit, op: commit > 0 && op === 0 ? Infinity : op }
}
