import { z } from 'zod'

/** Marks a primitive so that two kinds of id, or two kinds of counter, cannot be mixed up. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name }

export type PipelineId = Brand<string, 'PipelineId'>
export type TeamId = Brand<string, 'TeamId'>
export type ActorId = Brand<string, 'ActorId'>
export type EventId = Brand<string, 'EventId'>
export type IntentId = Brand<string, 'IntentId'>
export type StepId = Brand<string, 'StepId'>
export type NoteId = Brand<string, 'NoteId'>
export type CommentId = Brand<string, 'CommentId'>
export type VersionId = Brand<string, 'VersionId'>
/** A device's durable copy: one browser profile and one signed-in person. */
export type ReplicaId = Brand<string, 'ReplicaId'>
/** The name of a stream in the log: `pipeline-<uuid>`, `team-<uuid>` or `account-<uuid>`. */
export type StreamId = Brand<string, 'StreamId'>

/** Index of an event in its stream, from 1. */
export type Revision = Brand<number, 'Revision'>
/** Index of an event in the whole log, from 1, gap-free. */
export type Position = Brand<number, 'Position'>
/** The position up to which a reader has done its work. */
export type Checkpoint = Brand<number, 'Checkpoint'>

const [DASH, ZERO, NINE, A, F] = [45, 48, 57, 97, 102]

/**
 * Whether a text is a lower-case uuid, the form of every id in an event. A loop and no pattern, for
 * every replica asks it of every id of a history.
 */
export function isUuid(text: string): boolean {
  if (text.length !== 36) return false
  for (let i = 0; i < 36; i++) {
    const code = text.charCodeAt(i)
    const isDash = i === 8 || i === 13 || i === 18 || i === 23
    const fits = isDash ? code === DASH : (code >= ZERO && code <= NINE) || (code >= A && code <= F)
    if (!fits) return false
  }
  return true
}

// Lower case only: the same uuid in two spellings would be two things here and one in Postgres.
const uuid = z.string().refine(isUuid, 'must be a lower-case uuid')

const branded = <T extends string>() => uuid as unknown as z.ZodType<T, T>

export const pipelineIdSchema = branded<PipelineId>()
export const teamIdSchema = branded<TeamId>()
export const actorIdSchema = branded<ActorId>()
export const eventIdSchema = branded<EventId>()
export const intentIdSchema = branded<IntentId>()
export const stepIdSchema = branded<StepId>()
export const noteIdSchema = branded<NoteId>()
export const commentIdSchema = branded<CommentId>()
export const versionIdSchema = branded<VersionId>()
export const replicaIdSchema = z
  .string()
  .regex(/^[a-z0-9]{12}$/, 'must be 12 characters of a-z and 0-9') as unknown as z.ZodType<
  ReplicaId,
  ReplicaId
>

export const pipelineStream = (id: PipelineId): StreamId => `pipeline-${id}` as StreamId
export const teamStream = (id: TeamId): StreamId => `team-${id}` as StreamId
export const accountStream = (id: ActorId): StreamId => `account-${id}` as StreamId
