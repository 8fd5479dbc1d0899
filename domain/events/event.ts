/** The envelope of an event, and the three kinds of stream that events live in. */
import { z } from 'zod'
import { hlcSchema, type Hlc } from '../clock/hlc.ts'
import { seqSchema, versionVectorSchema, type VersionVector } from '../clock/version-vector.ts'
import {
  actorIdSchema,
  eventIdSchema,
  intentIdSchema,
  pipelineIdSchema,
  pipelineStream,
  replicaIdSchema,
  type ActorId,
  type EventId,
  type IntentId,
  type PipelineId,
  type ReplicaId,
  type Revision,
  type Position,
  type StreamId,
} from '../ids.ts'
import {
  acceptsPayload,
  isPipelineEventType,
  PIPELINE_EVENT_SCHEMA,
  type PipelineChange,
} from './pipeline-events.ts'

/** Who made an event, where and when, and what it has seen. */
export interface Stamp {
  readonly replicaId: ReplicaId
  /** This replica's counter in this pipeline, gap-free from 1. */
  readonly seq: number
  readonly hlc: Hlc
  readonly actorId: ActorId
}

/** An edit of a pipeline. `type` and `payload` may be unknown to this program: see `readChange`. */
export interface PipelineEvent extends Stamp {
  readonly id: EventId
  readonly type: string
  readonly schema: number
  readonly pipelineId: PipelineId
  /** Everything applied to the view that was acted on; its own entry is `seq`. */
  readonly clock: VersionVector
  /** One gesture: all events of a paste share it. */
  readonly intentId: IntentId
  readonly payload: unknown
}

/** An event that the server makes about a team or an account; these streams have one writer. */
export interface ServerEvent {
  readonly id: EventId
  readonly type: string
  readonly schema: number
  readonly streamId: StreamId
  readonly actorId: ActorId
  readonly payload: unknown
}

export type LogEvent = PipelineEvent | ServerEvent

/** An event in the log. */
export interface StoredEvent<E extends LogEvent = LogEvent> {
  readonly revision: Revision
  readonly position: Position
  /** ISO 8601 in UTC with milliseconds; never runs backwards in its stream. */
  readonly recordedAt: string
  /** SHA-256 as 64 hexadecimal digits; 64 zeros before the first event. */
  readonly prevHash: string
  readonly hash: string
  readonly event: E
}

const eventTypeSchema = z.string().regex(/^[A-Z][A-Za-z]{0,63}$/, 'must be a PascalCase word')

export const pipelineEventSchema = z.strictObject({
  id: eventIdSchema,
  type: eventTypeSchema,
  schema: z.int().min(1).max(32_767),
  pipelineId: pipelineIdSchema,
  replicaId: replicaIdSchema,
  seq: seqSchema,
  clock: versionVectorSchema,
  hlc: hlcSchema,
  actorId: actorIdSchema,
  intentId: intentIdSchema,
  payload: z.record(z.string(), z.unknown()),
})

export function isPipelineEvent(event: LogEvent): event is PipelineEvent {
  return 'pipelineId' in event
}

export function isStoredPipelineEvent(stored: StoredEvent): stored is StoredEvent<PipelineEvent> {
  return isPipelineEvent(stored.event)
}

export function streamOf(event: LogEvent): StreamId {
  return isPipelineEvent(event) ? pipelineStream(event.pipelineId) : event.streamId
}

/** Whether this program knows what an event of this type and schema version means. */
export function isKnown(event: { readonly type: string; readonly schema: number }): boolean {
  return isPipelineEventType(event.type) && event.schema <= PIPELINE_EVENT_SCHEMA
}

/**
 * What an event says happened; null where this program cannot know: an unknown type, a newer
 * schema, or a payload that the type's schema refuses. It is the event itself, seen as a change.
 */
export function readChange(event: {
  readonly type: string
  readonly schema: number
  readonly payload: unknown
}): PipelineChange | null {
  const { type, schema, payload } = event
  if (schema > PIPELINE_EVENT_SCHEMA) return null
  const isPayload = acceptsPayload.get(type)
  return isPayload?.(payload) ? (event as PipelineChange) : null
}
