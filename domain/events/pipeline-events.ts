/** What can happen to a pipeline: every event type with the schema of its payload, schema version 1. */
import { z } from 'zod'
import { versionVectorSchema } from '../clock/version-vector.ts'
import {
  commentIdSchema,
  noteIdSchema,
  stepIdSchema,
  teamIdSchema,
  versionIdSchema,
} from '../ids.ts'
import { isStorableKey, type JsonValue } from '../json.ts'
import { limits } from '../limits.ts'
import { accepts, type Accepts } from './accepts.ts'

const line = z.string().max(limits.lineCharacters)
const text = z.string().max(limits.textCharacters)
const jsonValue = z.custom<JsonValue>((value) => value !== undefined, 'is missing')
const coordinate = z.number().min(-limits.coordinate).max(limits.coordinate)

export const graphRuleSchema = z.enum(['acyclic', 'free'])
/** Whether connections of a pipeline may close a cycle. */
export type GraphRule = z.infer<typeof graphRuleSchema>

export const placementSchema = z.strictObject({ x: coordinate, y: coordinate })
/** Where a step or a note lies on the canvas: its top left corner, in pixels at zoom 1. */
export type Placement = z.infer<typeof placementSchema>

export const sizeSchema = z.strictObject({
  width: z.number().min(1).max(limits.coordinate),
  height: z.number().min(1).max(limits.coordinate),
})
/** Width and height of a note, in pixels at zoom 1. */
export type Size = z.infer<typeof sizeSchema>

export const endpointSchema = z.strictObject({ stepId: stepIdSchema, port: line.min(1) })
/** One end of a connection. */
export type Endpoint = z.infer<typeof endpointSchema>

export const connectionSchema = z.strictObject({ from: endpointSchema, to: endpointSchema })
/** The four values that are a connection's identity. */
export type ConnectionEnds = z.infer<typeof connectionSchema>

// StepConfigured carries as a value what is a key in StepAdded and in every state.
const configKey = line.min(1).refine(isStorableKey, 'is not an allowed key')
const nothing = z.strictObject({})
const step = z.strictObject({ stepId: stepIdSchema })
const note = z.strictObject({ noteId: noteIdSchema })
const comment = z.strictObject({ commentId: commentIdSchema })

export const pipelineEventPayloads = {
  PipelineCreated: z.strictObject({
    name: line,
    teamId: teamIdSchema,
    description: text.optional(),
    graphRule: graphRuleSchema.optional(),
    foreign: jsonValue.optional(),
  }),
  PipelineRenamed: z.strictObject({ name: line }),
  PipelineDescribed: z.strictObject({ description: text }),
  PipelineGraphRuleSet: z.strictObject({ graphRule: graphRuleSchema }),
  PipelineArchived: nothing,
  PipelineUnarchived: nothing,
  StepAdded: step.extend({
    kind: line.min(1),
    name: line,
    placement: placementSchema,
    config: z.record(configKey, jsonValue),
    enabled: z.boolean().optional(),
    foreign: jsonValue.optional(),
  }),
  StepMoved: step.extend({ placement: placementSchema }),
  StepRenamed: step.extend({ name: line }),
  StepConfigured: step.extend({ key: configKey, value: jsonValue }),
  StepConfigCleared: step.extend({ key: configKey }),
  StepEnabled: step,
  StepDisabled: step,
  StepRemoved: step,
  StepRestored: step,
  StepsConnected: connectionSchema,
  StepsDisconnected: connectionSchema,
  NoteAdded: note.extend({
    text,
    placement: placementSchema,
    size: sizeSchema,
    foreign: jsonValue.optional(),
  }),
  NoteEdited: note.extend({ text }),
  NoteMoved: note.extend({ placement: placementSchema }),
  NoteResized: note.extend({ size: sizeSchema }),
  NoteRemoved: note,
  NoteRestored: note,
  CommentAdded: comment.extend({
    stepId: stepIdSchema.optional(),
    replyTo: commentIdSchema.optional(),
    body: text,
  }),
  CommentEdited: comment.extend({ body: text }),
  CommentResolved: comment,
  CommentReopened: comment,
  CommentRemoved: comment,
  CommentRestored: comment,
  VersionTagged: z.strictObject({
    versionId: versionIdSchema,
    label: line.min(1),
    note: text.optional(),
    cut: versionVectorSchema,
  }),
} as const

export type PipelineEventType = keyof typeof pipelineEventPayloads

/** The payload of one event type; what it leaves out has the default that effects.ts gives. */
export type PipelineEventPayload<T extends PipelineEventType> = z.input<
  (typeof pipelineEventPayloads)[T]
>

/** What happened, without who, when and where: the part of an event that `decide` chooses. */
export type PipelineChange = {
  [T in PipelineEventType]: { readonly type: T; readonly payload: PipelineEventPayload<T> }
}[PipelineEventType]

/** The schema version of every pipeline event type that this program knows. */
export const PIPELINE_EVENT_SCHEMA = 1

export function isPipelineEventType(type: string): type is PipelineEventType {
  return Object.hasOwn(pipelineEventPayloads, type)
}

/** For each type, whether a payload is one. */
export const acceptsPayload: ReadonlyMap<string, Accepts> = new Map(
  Object.entries(pipelineEventPayloads).map(([type, schema]) => [type, accepts(schema)]),
)
