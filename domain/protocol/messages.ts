/**
 * The sync protocol, version 1, over Socket.IO in the namespace `/sync`.
 *
 * Version history: 1, the first. Added since, for whoever knows it: `role` of the server,
 * `replicaId` in a push without events, and `clocks`, by which each end says that it takes clocks
 * as differences (see clock-coding.ts).
 */
import { z } from 'zod'
import type { VersionVector } from '../clock/version-vector.ts'
import type { PipelineEvent, StoredEvent } from '../events/event.ts'
import {
  pipelineIdSchema,
  replicaIdSchema,
  type PipelineId,
  type ReplicaId,
  type Revision,
} from '../ids.ts'
import type { Role } from '../team/roles.ts'
import type { CodedEvent } from './clock-coding.ts'
import type { Refusal } from './codes.ts'

export const PROTOCOL_VERSION = 1
export const SYNC_NAMESPACE = '/sync'

/** What an end says that takes clocks as differences. */
export const CLOCKS_AS_DELTAS = 'delta'

export const handshakeSchema = z.object({
  token: z.string().min(1).max(8_192),
  replicaId: replicaIdSchema,
  protocol: z.int().min(1),
  /** Another word than ours, of a later version, is no reason to refuse anybody. */
  clocks: z.string().max(20).optional(),
})
export type Handshake = z.infer<typeof handshakeSchema>

const revisionSchema = z.int().min(0) as unknown as z.ZodType<Revision, Revision>
const hashSchema = z.string().regex(/^[0-9a-f]{64}$/)

export const openSchema = z.object({
  pipelineId: pipelineIdSchema,
  /** The revision that the client has everything up to; 0 for nothing. */
  after: revisionSchema,
  /** The hash at that revision, so that a server with another history can say so. */
  hash: hashSchema.optional(),
})
export type OpenMessage = z.infer<typeof openSchema>

/** A tab raises it when it takes the lock: no device ever comes near, and one more still fits. */
const MAX_EPOCH = 1e12

export const pushSchema = z.object({
  pipelineId: pipelineIdSchema,
  /** Looked at one by one by admission, so that one bad event does not condemn the others. */
  events: z.array(z.unknown()),
  epoch: z.int().min(0).max(MAX_EPOCH).optional(),
  /** Whose epoch a push without events raises; the handshake's by default. */
  replicaId: replicaIdSchema.optional(),
})
export interface PushMessage {
  readonly pipelineId: PipelineId
  readonly events: readonly PipelineEvent[]
  readonly epoch?: number
  readonly replicaId?: ReplicaId
}

export const closeSchema = z.object({ pipelineId: pipelineIdSchema })
export type CloseMessage = z.infer<typeof closeSchema>

const point = z.object({ x: z.number(), y: z.number() })
export const presenceSchema = z.object({
  pipelineId: pipelineIdSchema,
  cursor: point.nullish(),
  selection: z.array(z.string().max(100)).max(200).optional(),
  /** The field that the person is editing, as `<stepId>/<field>`. */
  editing: z.string().max(1_200).nullish(),
})
export type PresenceMessage = z.infer<typeof presenceSchema>

/** Somebody who has the pipeline open. */
export interface PresentMember {
  readonly connectionId: string
  readonly actorId: string
  readonly name: string
  readonly cursor?: { readonly x: number; readonly y: number } | null | undefined
  readonly selection?: readonly string[] | undefined
  readonly editing?: string | null | undefined
}

export type Refused = { readonly ok: false } & Refusal

export type OpenAnswer =
  | {
      readonly ok: true
      readonly role: Role
      readonly head: Revision
      readonly vector: VersionVector
      /** Milliseconds since 1970. */
      readonly serverTime: number
      readonly clocks?: typeof CLOCKS_AS_DELTAS
    }
  | Refused

interface PushProgress {
  /** Events of this push that are durable now and were not before. */
  readonly accepted: number
  /** Events of this push that had been accepted earlier. */
  readonly duplicates: number
  readonly head: Revision
  readonly vector: VersionVector
}

export type PushAnswer =
  | ({ readonly ok: true } & PushProgress)
  /** Stopped at index `at`, from 0: what stands before it is accepted. */
  | (Refused & PushProgress & { readonly at: number })

export type CloseAnswer = { readonly ok: true } | Refused

export interface EventsMessage {
  readonly pipelineId: PipelineId
  /** In revision order, without gaps. */
  readonly events: readonly StoredEvent<PipelineEvent>[]
  readonly head: Revision
}

export interface PresenceUpdate {
  readonly pipelineId: PipelineId
  readonly members: readonly PresentMember[]
}

export interface RevokedMessage {
  readonly pipelineId: PipelineId
  readonly reason: string
}

/** The person's role has changed while the pipeline is open. An older client passes it over. */
export interface RoleMessage {
  readonly pipelineId: PipelineId
  readonly role: Role
}

/** The same with clocks as differences. */
export type CodedPush = Omit<PushMessage, 'events'> & { readonly events: readonly CodedEvent[] }
export type CodedEvents = Omit<EventsMessage, 'events'> & {
  readonly events: readonly (Omit<StoredEvent, 'event'> & { readonly event: CodedEvent })[]
}

/** What the client may send, each with an acknowledgement but presence. */
export interface ClientToServer {
  open(message: OpenMessage, answer: (answer: OpenAnswer) => void): void
  push(message: CodedPush, answer: (answer: PushAnswer) => void): void
  close(message: CloseMessage, answer: (answer: CloseAnswer) => void): void
  presence(message: PresenceMessage): void
}

/** What the server sends by itself. */
export interface ServerToClient {
  events(message: CodedEvents): void
  presence(message: PresenceUpdate): void
  revoked(message: RevokedMessage): void
  role(message: RoleMessage): void
}
