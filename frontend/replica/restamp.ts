/**
 * Gives pending events new numbers, after one of them left the queue or their replica was copied.
 *
 * Only events that the server has not accepted are ever touched. What they have seen stays what it
 * was; only the entries that count this device's own events change, in clocks and in tagged cuts.
 */
import { tickHlc, type Hlc } from '../../domain/clock/hlc.ts'
import type { VersionVector } from '../../domain/clock/version-vector.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { ReplicaId } from '../../domain/ids.ts'

export interface Renumbering {
  /** The replica that the events have now. */
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

/** The events with consecutive numbers; in the order of their old ones, as they must be given. */
export function renumber(
  pending: readonly PipelineEvent[],
  { from, to, keptSeq, lastSeq, within }: Renumbering,
): PipelineEvent[] {
  const renumbered = new Map<number, number>()
  pending.forEach((event, index) => renumbered.set(event.seq, lastSeq + index + 1))

  const rewrite = (vector: VersionVector): VersionVector => {
    const own = vector[from] ?? 0
    const kept = Math.min(own, keptSeq)
    const moved = lastNumberUpTo(own, renumbered)
    const rest = within ? atMost(vector, within) : { ...vector }
    const entries = new Map(Object.entries(rest)).set(from, kept)
    if (moved > 0) entries.set(to, moved)
    return Object.fromEntries([...entries].filter(([, seq]) => seq > 0))
  }

  return pending.map((event) => ({
    ...event,
    replicaId: to,
    seq: renumbered.get(event.seq)!,
    clock: rewrite(event.clock),
    payload: rewriteCut(event, rewrite),
  }))
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

/** The new number of the last renumbered event whose old number is at most `seq`; 0 for none. */
function lastNumberUpTo(seq: number, renumbered: ReadonlyMap<number, number>): number {
  const exact = renumbered.get(seq)
  if (exact !== undefined) return exact
  let found = 0
  for (const [old, number] of renumbered) if (old <= seq) found = number
  return found
}

function atMost(vector: VersionVector, within: VersionVector): Record<string, number> {
  const entries: Record<string, number> = {}
  for (const [replicaId, seq] of Object.entries(vector)) {
    const bound = Math.min(seq, within[replicaId as ReplicaId] ?? 0)
    if (bound > 0) entries[replicaId] = bound
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
