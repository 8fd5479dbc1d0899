/**
 * One group of appends as one call of log.append(): chains each append's hashes on its stream's
 * head, packs the arguments, and reads the outcomes.
 */
import type pg from 'pg'
import { isPipelineEvent, type LogEvent, type StoredEvent } from '../../../domain/events/event.ts'
import type { Position, Revision, StreamId } from '../../../domain/ids.ts'
import type { AppendRequest } from '../../../domain/log/event-log.ts'
import { CHAIN_START, chainHash, type Sha256 } from '../../../domain/log/hash-chain.ts'
import { codeClocks, type CodedAppend, type LastClocks } from './stored-clocks.ts'
import { logTypes } from './stored-row.ts'
import { NO_STREAM, type Head } from './stream-heads.ts'

/** An append whose events are there as the canonical JSON that is hashed. */
export interface CheckedAppend {
  readonly request: AppendRequest
  readonly texts: readonly string[]
}

type Hashed = Omit<StoredEvent, 'position'>

/** An append as it will be written if its stream is still where the caller expects it. */
export interface PlannedAppend extends CheckedAppend {
  /** Null where the expected head is not the known one: then log.append() is only to say why not. */
  readonly head: Head | null
  readonly recordedAt: string
  /** Empty where the head is null. */
  readonly hashed: readonly Hashed[]
  readonly coded: CodedAppend
}

export type Outcome =
  | { readonly is: 'written'; readonly stored: StoredEvent[] }
  | { readonly is: 'duplicate' }
  | { readonly is: 'conflict' | 'stale-head'; readonly head: Head }
  | { readonly is: 'stale-epoch'; readonly epoch: number }

/**
 * Chains the events of a group; an append to a stream that an earlier one in the group appends to
 * continues that one.
 * @param headOf the known head of a stream, if any
 * @param now milliseconds since 1970
 * @param clocks of the events that are in the log
 */
export function planGroup(
  group: readonly CheckedAppend[],
  headOf: (streamId: StreamId) => Head | undefined,
  now: number,
  clocks: LastClocks,
  sha256: Sha256,
): PlannedAppend[] {
  const nowIso = new Date(now).toISOString()
  const ends = new Map<StreamId, Head | null>()
  return group.map(({ request, texts }) => {
    const { streamId, expectedRevision, events } = request
    const end = ends.get(streamId)
    const known = end === undefined ? (headOf(streamId) ?? NO_STREAM) : end
    const head = known?.revision === expectedRevision ? known : null
    const recordedAt = head && head.recordedAt > nowIso ? head.recordedAt : nowIso
    const hashed = head ? chainEvents(head, recordedAt, events, texts, sha256) : []
    const last = hashed.at(-1)
    if (events.length > 0) ends.set(streamId, last ?? null)
    const coded = codeClocks(streamId, events, texts, clocks)
    return { request, texts, head, recordedAt, hashed, coded }
  })
}

function chainEvents(
  head: Head,
  recordedAt: string,
  events: readonly LogEvent[],
  texts: readonly string[],
  sha256: Sha256,
): Hashed[] {
  let prevHash = head.hash
  return events.map((event, i) => {
    const revision = (head.revision + i + 1) as Revision
    const hash = chainHash(prevHash, revision, recordedAt, texts[i]!, sha256)
    const hashed = { revision, recordedAt, prevHash, hash, event }
    prevHash = hash
    return hashed
  })
}

const APPEND = {
  name: 'log-append',
  text: 'SELECT * FROM log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)',
  types: logTypes,
}

interface OutcomeRow {
  outcome: Outcome['is']
  position_before: number | null
  actual_revision: number | null
  actual_hash: Buffer | null
  actual_recorded_at: Date | null
  actual_epoch: number | null
}

/** Appends a group in one transaction; an outcome for each append, in order. */
export async function appendGroup(
  pool: pg.Pool,
  group: readonly PlannedAppend[],
): Promise<Outcome[]> {
  const { rows } = await pool.query<OutcomeRow>({ ...APPEND, values: argumentsOf(group) })
  return group.map((append, i) => outcomeOf(append, rows[i]!))
}

function argumentsOf(group: readonly PlannedAppend[]): unknown[] {
  const requests = group.map(({ request }) => request)
  const events = requests.flatMap((request) => request.events)
  const dots = events.map((event) => (isPipelineEvent(event) ? event : null))
  return [
    requests.map(({ streamId }) => streamId),
    requests.map(({ expectedRevision }) => expectedRevision),
    group.map(({ head }) => (head ? Buffer.from(head.hash, 'hex') : null)),
    requests.map((request) => request.events.length),
    group.map(({ recordedAt }) => recordedAt),
    requests.map(({ fence }) => fence?.replicaId ?? null),
    requests.map(({ fence }) => fence?.epoch ?? null),
    requests.flatMap((request, i) => request.events.map(() => i + 1)),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    dots.map((dot) => dot?.replicaId ?? null),
    dots.map((dot) => dot?.seq ?? null),
    packHashes(group, 'prevHash'),
    packHashes(group, 'hash'),
    group.flatMap(({ coded }) => coded.areDeltas),
    group.flatMap(({ coded }) => coded.texts).join('\n'),
  ]
}

/** The hashes of a group's events one after the other; zeros for those that are not hashed. */
function packHashes(group: readonly PlannedAppend[], which: 'prevHash' | 'hash'): Buffer {
  const count = group.reduce((sum, { texts }) => sum + texts.length, 0)
  const packed = Buffer.alloc(32 * count)
  let at = 0
  for (const { hashed, texts } of group) {
    hashed.forEach((event, i) => packed.write(event[which], 32 * (at + i), 'hex'))
    at += texts.length
  }
  return packed
}

function outcomeOf({ hashed }: PlannedAppend, row: OutcomeRow): Outcome {
  switch (row.outcome) {
    case 'written': {
      const before = row.position_before ?? 0
      const stored = hashed.map((event, i) => ({
        ...event,
        position: (before + i + 1) as Position,
      }))
      return { is: 'written', stored }
    }
    case 'duplicate':
      return { is: 'duplicate' }
    case 'stale-epoch':
      return { is: 'stale-epoch', epoch: row.actual_epoch! }
    default: {
      const hash = row.actual_hash?.toString('hex') ?? CHAIN_START
      const recordedAt = row.actual_recorded_at?.toISOString() ?? ''
      return { is: row.outcome, head: { revision: row.actual_revision!, hash, recordedAt } }
    }
  }
}
