/**
 * Clocks as they lie in log.event: an event's text holds what differs from the clock of its
 * replica's previous event, and every so often the whole clock, a keyframe to start from.
 *
 * Who appends and who reads remembers the last clock of each replica, so that the next event of it
 * needs no look back. Whoever has not met it reads back to the keyframe, and no further.
 */
import {
  clockAfter,
  clockDelta,
  hasOwnEntry,
  type ClockDelta,
} from '../../../domain/clock/clock-delta.ts'
import type { Dot, VersionVector } from '../../../domain/clock/version-vector.ts'
import { isPipelineEvent, type LogEvent, type PipelineEvent } from '../../../domain/events/event.ts'
import type { ReplicaId, StreamId } from '../../../domain/ids.ts'
import { canonicalJson } from '../../../domain/json.ts'
import { RecentMap } from '../../recent-map.ts'

/** Events from one keyframe of a replica to its next: what a look back reads at most. */
const KEYFRAME_EVERY = 64
/** Replicas whose last clock is remembered, each once for every pipeline. */
const MAX_REMEMBERED = 20_000

interface LastClock {
  readonly seq: number
  readonly clock: VersionVector
  /** Events since the last keyframe. */
  readonly sinceKeyframe: number
}

/** The last clocks of replicas, by stream and replica; the ones met longest ago are let go of. */
export class LastClocks {
  readonly #byKey = new RecentMap<string, LastClock>(MAX_REMEMBERED)

  get(streamId: StreamId, replicaId: ReplicaId): LastClock | undefined {
    return this.#byKey.get(keyOf(streamId, replicaId))
  }

  set(streamId: StreamId, replicaId: ReplicaId, last: LastClock): void {
    this.#byKey.set(keyOf(streamId, replicaId), last)
  }
}

const keyOf = (streamId: StreamId, replicaId: ReplicaId) => `${replicaId} ${streamId}`

/** The events of one append as they are stored. */
export interface CodedAppend {
  readonly texts: readonly string[]
  /** Whether a text holds a difference in place of a clock. */
  readonly areDeltas: readonly boolean[]
  /** What to remember once they are in the log, and not before. */
  readonly last: ReadonlyMap<ReplicaId, LastClock>
}

/**
 * Codes the clocks of one append, which is written whole or not at all.
 * @param texts the events as canonical JSON
 */
export function codeClocks(
  streamId: StreamId,
  events: readonly LogEvent[],
  texts: readonly string[],
  remembered: LastClocks,
): CodedAppend {
  const last = new Map<ReplicaId, LastClock>()
  const areDeltas: boolean[] = []
  const coded = events.map((event, i) => {
    const text = texts[i]!
    if (!isPipelineEvent(event) || !hasOwnEntry(event)) return text
    const { replicaId, seq, clock } = event
    const before = last.get(replicaId) ?? remembered.get(streamId, replicaId)
    const isDelta = before?.seq === seq - 1 && before.sinceKeyframe + 1 < KEYFRAME_EVERY
    areDeltas[i] = isDelta
    last.set(replicaId, { seq, clock, sinceKeyframe: isDelta ? before.sinceKeyframe + 1 : 0 })
    return isDelta ? withClock(text, clockDelta(before.clock, clock, replicaId)) : text
  })
  return { texts: coded, areDeltas: coded.map((_, i) => areDeltas[i] ?? false), last }
}

/** Members are sorted, and the only one before the clock is a uuid: the first match is the clock. */
function withClock(text: string, delta: ClockDelta): string {
  const start = text.indexOf('"clock":{')
  const end = text.indexOf('}', start) + 1
  return `${text.slice(0, start)}"clock":${canonicalJson(delta)}${text.slice(end)}`
}

/** A row of log.event, as far as its clock goes. */
export interface ClockedRow {
  readonly streamId: StreamId
  readonly isDelta: boolean
  readonly event: LogEvent
}

type PipelineRow = ClockedRow & { readonly event: PipelineEvent }

/** An event before which the log is read back to the replica's last keyframe. */
export interface LookBack extends Dot {
  readonly streamId: StreamId
}

/** Rows of a replica from its last keyframe before an event up to that event. */
export type ReadBack = (from: readonly LookBack[]) => Promise<readonly ClockedRow[]>

/** The rows' events with their whole clocks, in the order of the rows. */
export async function withWholeClocks(
  rows: readonly ClockedRow[],
  remembered: LastClocks,
  readBack: ReadBack,
): Promise<LogEvent[]> {
  const ours = rows.filter(isPipelineRow).sort((a, b) => a.event.seq - b.event.seq)
  const before = await clocksBefore(ours, remembered, readBack)
  const known = new Map<string, LastClock>(before)
  const whole = new Map<PipelineEvent, PipelineEvent>()
  for (const row of ours) {
    const last = follow(row, known)
    const { streamId, isDelta, event } = row
    if (isDelta) whole.set(event, { ...event, clock: last.clock })
    if (event.seq >= (remembered.get(streamId, event.replicaId)?.seq ?? 0)) {
      remembered.set(streamId, event.replicaId, last)
    }
  }
  return rows.map(({ event }) => (isPipelineEvent(event) ? (whole.get(event) ?? event) : event))
}

function isPipelineRow(row: ClockedRow): row is PipelineRow {
  return isPipelineEvent(row.event)
}

/** Works out the clock of a row from what is known of its replica, and remembers it there. */
function follow(
  { streamId, isDelta, event }: PipelineRow,
  known: Map<string, LastClock>,
): LastClock {
  const { replicaId, seq } = event
  const key = keyOf(streamId, replicaId)
  const before = known.get(key)
  if (isDelta && before?.seq !== seq - 1) {
    throw new Error(`the clock of ${replicaId} ${seq} in ${streamId} has nothing to follow`)
  }
  const clock = isDelta ? clockAfter(before!.clock, event.clock, event) : event.clock
  const last = { seq, clock, sinceKeyframe: isDelta ? before!.sinceKeyframe + 1 : 0 }
  known.set(key, last)
  return last
}

/** For each replica the clock just before its first row, where that row needs it. */
async function clocksBefore(
  ours: readonly PipelineRow[],
  remembered: LastClocks,
  readBack: ReadBack,
): Promise<Map<string, LastClock>> {
  const known = new Map<string, LastClock>()
  const missing: LookBack[] = []
  const met = new Set<string>()
  for (const { streamId, isDelta, event } of ours) {
    const { replicaId, seq } = event
    const key = keyOf(streamId, replicaId)
    if (met.has(key)) continue
    met.add(key)
    if (!isDelta) continue
    const last = remembered.get(streamId, replicaId)
    if (last?.seq === seq - 1) known.set(key, last)
    else missing.push({ streamId, replicaId, seq: seq - 1 })
  }
  const back = missing.length > 0 ? await readBack(missing) : []
  const inOrder = back.filter(isPipelineRow).sort((a, b) => a.event.seq - b.event.seq)
  for (const row of inOrder) follow(row, known)
  return known
}
