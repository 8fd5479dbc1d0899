import type { Stamp } from '../events/event.ts'

/**
 * The total order T: (hlc, replicaId, seq). A linear extension of "has seen", because an event's hlc
 * is greater than that of everything it has seen.
 */
export function compareStamps(left: Stamp, right: Stamp): number {
  if (left.hlc !== right.hlc) return left.hlc < right.hlc ? -1 : 1
  if (left.replicaId !== right.replicaId) return left.replicaId < right.replicaId ? -1 : 1
  return left.seq - right.seq
}
