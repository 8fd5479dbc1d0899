/**
 * A clock as what differs from the clock of the same replica's previous event.
 *
 * A clock has an entry for every device that ever edited the pipeline, and from one event of a
 * replica to its next nearly all of them stay. So storage and wire may hold the difference; every
 * interface shows the clock whole. The replica's own entry is its sequence number and never listed.
 */
import type { ReplicaId } from '../ids.ts'
import type { Dot, VersionVector } from './version-vector.ts'

/** The entries that differ, with 0 for one that is no longer there. */
export type ClockDelta = Readonly<Record<ReplicaId, number>>

/** What differs in the clock of a replica's event from that of its previous event. */
export function clockDelta(
  before: VersionVector,
  clock: VersionVector,
  replicaId: ReplicaId,
): ClockDelta {
  const delta: Record<string, number> = {}
  for (const id in clock) {
    const seen = clock[id as ReplicaId]!
    if (before[id as ReplicaId] !== seen && id !== replicaId) delta[id] = seen
  }
  for (const id in before) if (clock[id as ReplicaId] === undefined) delta[id] = 0
  return delta
}

/** The clock of a replica's event, from that of its previous event. */
export function clockAfter(
  before: VersionVector,
  delta: ClockDelta,
  { replicaId, seq }: Dot,
): VersionVector {
  const clock: Record<string, number> = { ...before }
  for (const id in delta) {
    const seen = delta[id as ReplicaId]!
    if (seen === 0) Reflect.deleteProperty(clock, id)
    else clock[id] = seen
  }
  clock[replicaId] = seq
  return clock
}

/** An event, as far as its clock is coded. */
export interface Clocked extends Dot {
  readonly clock: VersionVector
}

/** Whether the event says of itself in its clock what its number says, as every sound one does. */
export function hasOwnEntry({ clock, replicaId, seq }: Clocked): boolean {
  return clock[replicaId] === seq
}
