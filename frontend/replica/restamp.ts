/**
 * Gives pending events new numbers, after one of them left the queue or their replica was copied.
 *
 * Only events that the server has not accepted are ever touched. What they have seen stays what it
 * was; only the entries that count this device's own events change, in clocks and in tagged cuts.
 * A queue may hold events of several replicas, for a device that was copied goes on under a new one:
 * those of one replica are numbered anew, and all the others hear of it.
 */
import { tickHlc, type Hlc } from '../../domain/clock/hlc.ts'
import type { VersionVector } from '../../domain/clock/version-vector.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { ReplicaId } from '../../domain/ids.ts'

export interface Renumbering {
  /** The replica whose events get new numbers. */
  readonly from: ReplicaId
  /** The replica that they shall have; the same for a mere renumbering. */
  readonly to: ReplicaId
  /** The last event of `from` that keeps its number: the accepted ones, and pending ones before. */
  readonly keptSeq: number
  /** The last number of `to` that is taken. */
  readonly lastSeq: number
  /** Where it is given, clocks are cut down to it: what the server has lost is not waited for. */
  readonly within?: VersionVector
}

/**
 * The pending events, in their order, once those of `from` after `keptSeq` have consecutive numbers
 * of `to`. Within one replica they must be given in the order of their old numbers.
 */
export function renumber(
  pending: readonly PipelineEvent[],
  { from, to, keptSeq, lastSeq, within }: Renumbering,
): PipelineEvent[] {
  const numbers = new Map<number, number>()
  for (const { replicaId, seq } of pending) {
    if (replicaId === from && seq > keptSeq) numbers.set(seq, lastSeq + numbers.size + 1)
  }
  const old = [...numbers.keys()]
  const waiting = new Set(pending.map((event) => event.replicaId))

  const rewrite = (vector: VersionVector): VersionVector => {
    const own = vector[from] ?? 0
    const moved = lastNumberUpTo(own, old, lastSeq)
    const entries = new Map(Object.entries(within ? atMost(vector, within, waiting) : vector))
    entries.set(from, Math.min(own, keptSeq))
    if (moved > 0) entries.set(to, moved)
    return Object.fromEntries([...entries].filter(([, seq]) => seq > 0))
  }

  return pending.map((event) => {
    const clock = rewrite(event.clock)
    const payload = rewriteCut(event, rewrite)
    const seq = event.replicaId === from ? numbers.get(event.seq) : undefined
    return seq === undefined
      ? { ...event, clock, payload }
      : { ...event, replicaId: to, seq, clock, payload }
  })
}

/** The events with time stamps that a server whose clock shows `now` will take. */
export function restampHlc(
  pending: readonly PipelineEvent[],
  greatestSeen: Hlc,
  now: number,
): PipelineEvent[] {
  let hlc = greatestSeen
  return pending.map((event) => {
    hlc = tickHlc(hlc, now)
    return { ...event, hlc }
  })
}

/**
 * The new number of the last renumbered event whose old number is at most `seq`; 0 for none.
 * @param old the old numbers, ascending, of events that have the numbers after `lastSeq` now
 */
function lastNumberUpTo(seq: number, old: readonly number[], lastSeq: number): number {
  let [from, to] = [0, old.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (old[middle]! <= seq) from = middle + 1
    else to = middle
  }
  return from === 0 ? 0 : lastSeq + from
}

/** The vector cut down to another, but for the replicas whose events are still to be sent. */
function atMost(
  vector: VersionVector,
  within: VersionVector,
  waiting: ReadonlySet<ReplicaId>,
): Record<string, number> {
  const entries: Record<string, number> = {}
  for (const [name, seq] of Object.entries(vector)) {
    const replicaId = name as ReplicaId
    entries[name] = waiting.has(replicaId) ? seq : Math.min(seq, within[replicaId] ?? 0)
  }
  return entries
}

function rewriteCut(
  event: PipelineEvent,
  rewrite: (vector: VersionVector) => VersionVector,
): unknown {
  const payload = event.payload as { cut?: VersionVector }
  return event.type === 'VersionTagged' && payload.cut
    ? { ...payload, cut: rewrite(payload.cut) }
    : event.payload
}
