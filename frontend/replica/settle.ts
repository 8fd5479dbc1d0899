/**
 * What a push's answer does to a pipeline's queue, as a pure function.
 *
 *     accepted ........ leaves the queue
 *     fatal ........... leaves it with its verdict, and so do events about things it would have
 *                       made, or all that would be refused alike; the rest is renumbered
 *     mended .......... the rest is renumbered, restamped, or sent again from an earlier place
 *     retried ......... stays as it is, for later
 *
 * Guarantee: after every answer but a retried one, what is at the head of the queue has changed, so
 * no refusal can block it for ever.
 */
import { laterHlc, type Hlc } from '../../domain/clock/hlc.ts'
import type { VersionVector } from '../../domain/clock/version-vector.ts'
import { readChange, type PipelineEvent } from '../../domain/events/event.ts'
import type { EventId, ReplicaId } from '../../domain/ids.ts'
import { effectOf, type ThingRef } from '../../domain/pipeline/effects.ts'
import { codes } from '../../domain/protocol/codes.ts'
import type { PushAnswer } from '../../domain/protocol/messages.ts'
import { renumber, restampHlc } from './restamp.ts'

export interface Verdict {
  readonly event: PipelineEvent
  readonly code: string
  readonly message: string
}

export interface Settlement {
  /** Durable on the server now. */
  readonly acknowledged: readonly EventId[]
  readonly refused: readonly Verdict[]
  /** The whole rest of the queue under its new numbers, where it has any; else null. */
  readonly rest: readonly PipelineEvent[] | null
  /** The replica that this pipeline's next events take, where it changes. */
  readonly newReplicaId: ReplicaId | null
  /** What to add to this device's clock from now on, where that changes. */
  readonly clockOffset: number | null
  /** The epoch to be above, where the server knows a higher one. */
  readonly epochAbove: number | null
  /** The server lacks events of ours after this number: send them again. */
  readonly resendAfter: number | null
  /** Wait this long before the next push; 0 for the usual pause between attempts. */
  readonly retryAfterMs: number | null
}

export interface QueueContext {
  /** Every pending event of the pipeline, in queue order. The push held the first of them. */
  readonly pending: readonly PipelineEvent[]
  /** How many of them the push held. */
  readonly pushed: number
  /** Whether the event at the head has been mended for a missing dependency before. */
  readonly mendedBefore: boolean
  /** The greatest hlc of what the server has accepted; asked for where a clock was ahead. */
  readonly greatestSeen: Hlc
  /** This device's clock, in milliseconds since 1970, without any offset. */
  readonly now: number
  readonly newReplicaId: () => ReplicaId
}

const NOTHING: Settlement = {
  acknowledged: [],
  refused: [],
  rest: null,
  newReplicaId: null,
  clockOffset: null,
  epochAbove: null,
  resendAfter: null,
  retryAfterMs: null,
}

export function settle(answer: PushAnswer, context: QueueContext): Settlement {
  const count = answer.ok ? context.pushed : answer.at
  const acknowledged = context.pending.slice(0, count).map((event) => event.id)
  if (answer.ok) return { ...NOTHING, acknowledged }
  const [head, ...others] = context.pending.slice(count)
  if (!head) return { ...NOTHING, acknowledged }
  return { ...NOTHING, acknowledged, ...mend(answer, head, others, context) }
}

type Stopped = Extract<PushAnswer, { ok: false }>

function mend(
  answer: Stopped,
  head: PipelineEvent,
  others: readonly PipelineEvent[],
  context: QueueContext,
): Partial<Settlement> {
  const rest = [head, ...others]
  switch (answer.code) {
    case 'gap':
      return mendGap(answer.vector, head, rest)
    case 'missing-dependency':
    case 'other-history':
      if (context.mendedBefore) return refuse(answer, head, others, aboutTheSame(head))
      return { rest: renumber(rest, { ...inPlace(head), within: answer.vector }) }
    case 'replica-forked': {
      const to = context.newReplicaId()
      const renumbering = { from: head.replicaId, to, keptSeq: head.seq - 1, lastSeq: 0 }
      return { rest: renumber(rest, renumbering), newReplicaId: to }
    }
    case 'clock-ahead': {
      const serverTime = answer.serverTime ?? context.now
      const seen = laterHlc(context.greatestSeen, acceptedHlc(context, answer.at))
      return {
        rest: restampHlc(rest, seen, serverTime),
        clockOffset: Math.min(0, serverTime - context.now),
      }
    }
    case 'stale-epoch':
      return { epochAbove: answer.epoch ?? 0 }
    default:
      if (codes[answer.code] === 'retried') return { retryAfterMs: answer.retryAfterMs ?? 0 }
      return refuse(answer, head, others)
  }
}

const inPlace = (head: PipelineEvent) => ({
  from: head.replicaId,
  to: head.replicaId,
  keptSeq: head.seq - 1,
  lastSeq: head.seq - 1,
})

/** The server misses events of ours before the head: they are sent again from where it stands. */
function mendGap(
  vector: VersionVector,
  head: PipelineEvent,
  rest: readonly PipelineEvent[],
): Partial<Settlement> {
  const known = vector[head.replicaId] ?? 0
  if (known < head.seq - 1) return { resendAfter: known }
  return { rest: renumber(rest, { ...inPlace(head), lastSeq: known }) }
}

const acceptedHlc = ({ pending, greatestSeen }: QueueContext, count: number): Hlc =>
  pending[count - 1]?.hlc ?? greatestSeen

/**
 * Takes the head out with its verdict, and with it whatever is about things that it would make, or
 * whatever would meet the same refusal.
 */
function refuse(
  { code, message, scope }: Stopped,
  head: PipelineEvent,
  others: readonly PipelineEvent[],
  /** Things of which no event can be accepted. */
  missing: readonly string[] = [],
): Partial<Settlement> {
  const lost = new Set<string>([...madeBy(head), ...missing])
  const refused: Verdict[] = [{ event: head, code, message }]
  const kept: PipelineEvent[] = []
  let alike = scope === 'pipeline'
  for (const event of others) {
    alike &&= !(code === 'archived' && event.type === 'PipelineUnarchived')
    if (!alike && !dependsOn(event, lost)) kept.push(event)
    else {
      for (const thing of madeBy(event)) lost.add(thing)
      const why = alike ? message : 'It is about something whose addition was refused.'
      refused.push({ event, code, message: why })
    }
  }
  return { refused, rest: closeGaps(kept, refused) }
}

/** The rest with consecutive numbers again, for each replica of which an event was taken out. */
function closeGaps(
  rest: readonly PipelineEvent[],
  refused: readonly Verdict[],
): readonly PipelineEvent[] {
  const first = new Map<ReplicaId, PipelineEvent>()
  for (const { event } of refused) {
    const known = first.get(event.replicaId)
    if (!known || event.seq < known.seq) first.set(event.replicaId, event)
  }
  let closed = rest
  for (const event of first.values()) closed = renumber(closed, inPlace(event))
  return closed
}

const EVERYTHING = 'pipeline:'
const keyOf = ({ kind, id }: ThingRef) => `${kind}:${id}`

function madeBy(event: PipelineEvent): string[] {
  if (event.type === 'PipelineCreated') return [EVERYTHING]
  const change = readChange(event)
  const effect = change && effectOf(change)
  return effect?.existence === 'add' &&
    !effect.refersTo.some((ref) => keyOf(ref) === keyOf(effect.thing))
    ? [keyOf(effect.thing)]
    : []
}

/** The thing that an event refers to, as the server lacks it; of two it is not known which one. */
function aboutTheSame(event: PipelineEvent): string[] {
  const change = readChange(event)
  const refersTo = (change && effectOf(change)?.refersTo) ?? []
  return refersTo.length === 1 ? refersTo.map(keyOf) : []
}

function dependsOn(event: PipelineEvent, lost: ReadonlySet<string>): boolean {
  if (lost.has(EVERYTHING)) return true
  const change = readChange(event)
  const effect = change && effectOf(change)
  if (!effect) return false
  return effect.refersTo.some((ref) => lost.has(keyOf(ref)))
}
