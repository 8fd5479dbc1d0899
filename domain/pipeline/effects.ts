/**
 * What each event does to the state, as data: one table for merging, admission, undo and history.
 *
 * An effect names one thing, adds or removes it, and writes some of its fields. `refersTo` lists the
 * things whose addition an event must have seen, so that admission can refuse an event about a step
 * that never was.
 */
import type {
  PipelineChange,
  PipelineEventType,
  ConnectionEnds,
} from '../events/pipeline-events.ts'
import type { JsonValue } from '../json.ts'

/** Things with registers. A connection has none: its four values are its identity. */
export type ThingKind = 'pipeline' | 'step' | 'note' | 'comment'

export interface ThingRef {
  readonly kind: ThingKind | 'connection'
  readonly id: string
}

/** A field of a thing; a step's config key `url` is the field `config.url`. */
export type FieldName = string

/** One register write; `undefined` is the value `absent`. */
export type FieldWrite = readonly [field: FieldName, value: JsonValue | undefined]

export interface Effect {
  readonly thing: ThingRef
  readonly existence?: 'add' | 'remove'
  readonly writes: readonly FieldWrite[]
  readonly refersTo: readonly ThingRef[]
  readonly ends?: ConnectionEnds
}

/** The pipeline itself is a thing of which there is one; it always exists. */
export const THE_PIPELINE: ThingRef = { kind: 'pipeline', id: '' }

export const CONFIG_PREFIX = 'config.'

/** Fields of the keys that were met: one text each, whatever things have it. */
const configFields = new Map<string, FieldName>()
/** A bound against keys without end; what is forgotten is made again. */
const MAX_CONFIG_FIELDS = 10_000

/** The field of a step's configuration key. */
export function configField(key: string): FieldName {
  const known = configFields.get(key)
  if (known !== undefined) return known
  if (configFields.size >= MAX_CONFIG_FIELDS) configFields.clear()
  const field = CONFIG_PREFIX + key
  configFields.set(key, field)
  return field
}

/** The text that stands for a connection's four values wherever a key is needed. */
export function connectionKey({ from, to }: ConnectionEnds): string {
  return JSON.stringify([from.stepId, from.port, to.stepId, to.port])
}

const none: readonly never[] = []
const step = (id: string): ThingRef => ({ kind: 'step', id })
const note = (id: string): ThingRef => ({ kind: 'note', id })
const comment = (id: string): ThingRef => ({ kind: 'comment', id })

const ofPipeline = (...writes: FieldWrite[]): Effect => ({
  thing: THE_PIPELINE,
  writes,
  refersTo: none,
})
const added = (
  thing: ThingRef,
  writes: readonly FieldWrite[],
  refersTo: readonly ThingRef[] = none,
): Effect => ({ thing, existence: 'add', writes, refersTo })
const edited = (thing: ThingRef, field: FieldName, value: JsonValue | undefined): Effect => ({
  thing,
  writes: [[field, value]],
  refersTo: [thing],
})
const removed = (thing: ThingRef): Effect => ({
  thing,
  existence: 'remove',
  writes: none,
  refersTo: [thing],
})
const restored = (thing: ThingRef): Effect => ({
  thing,
  existence: 'add',
  writes: none,
  refersTo: [thing],
})
const connection = (ends: ConnectionEnds): ThingRef => ({
  kind: 'connection',
  id: connectionKey(ends),
})

/** Leaves out the fields that an event did not give, so that it writes only what it says. */
function given(writes: readonly FieldWrite[]): FieldWrite[] {
  return writes.filter(([, value]) => value !== undefined)
}

type PayloadOf<T extends PipelineEventType> = Extract<PipelineChange, { type: T }>['payload']

const effects: { readonly [T in PipelineEventType]: (payload: PayloadOf<T>) => Effect | null } = {
  PipelineCreated: (p) =>
    ofPipeline(
      ['name', p.name],
      ['teamId', p.teamId],
      ['description', p.description ?? ''],
      ['graphRule', p.graphRule ?? 'acyclic'],
      ...given([['foreign', p.foreign]]),
    ),
  PipelineRenamed: (p) => ofPipeline(['name', p.name]),
  PipelineDescribed: (p) => ofPipeline(['description', p.description]),
  PipelineGraphRuleSet: (p) => ofPipeline(['graphRule', p.graphRule]),
  PipelineArchived: () => ofPipeline(['archived', true]),
  PipelineUnarchived: () => ofPipeline(['archived', false]),
  StepAdded: (p) =>
    added(step(p.stepId), [
      ['kind', p.kind],
      ['name', p.name],
      ['placement', p.placement],
      ['enabled', p.enabled ?? true],
      ...given([['foreign', p.foreign]]),
      ...Object.entries(p.config).map(([key, value]): FieldWrite => [configField(key), value]),
    ]),
  StepMoved: (p) => edited(step(p.stepId), 'placement', p.placement),
  StepRenamed: (p) => edited(step(p.stepId), 'name', p.name),
  StepConfigured: (p) => edited(step(p.stepId), configField(p.key), p.value),
  StepConfigCleared: (p) => edited(step(p.stepId), configField(p.key), undefined),
  StepEnabled: (p) => edited(step(p.stepId), 'enabled', true),
  StepDisabled: (p) => edited(step(p.stepId), 'enabled', false),
  StepRemoved: (p) => removed(step(p.stepId)),
  StepRestored: (p) => restored(step(p.stepId)),
  StepsConnected: (p) => ({
    ...added(connection(p), none, [step(p.from.stepId), step(p.to.stepId)]),
    ends: p,
  }),
  StepsDisconnected: (p) => ({ ...removed(connection(p)), ends: p }),
  NoteAdded: (p) =>
    added(note(p.noteId), [
      ['text', p.text],
      ['placement', p.placement],
      ['size', p.size],
      ...given([['foreign', p.foreign]]),
    ]),
  NoteEdited: (p) => edited(note(p.noteId), 'text', p.text),
  NoteMoved: (p) => edited(note(p.noteId), 'placement', p.placement),
  NoteResized: (p) => edited(note(p.noteId), 'size', p.size),
  NoteRemoved: (p) => removed(note(p.noteId)),
  NoteRestored: (p) => restored(note(p.noteId)),
  CommentAdded: (p) =>
    added(
      comment(p.commentId),
      given([
        ['body', p.body],
        ['stepId', p.stepId],
        ['replyTo', p.replyTo],
      ]),
      [...(p.stepId ? [step(p.stepId)] : none), ...(p.replyTo ? [comment(p.replyTo)] : none)],
    ),
  CommentEdited: (p) => edited(comment(p.commentId), 'body', p.body),
  CommentResolved: (p) => edited(comment(p.commentId), 'resolved', true),
  CommentReopened: (p) => edited(comment(p.commentId), 'resolved', false),
  CommentRemoved: (p) => removed(comment(p.commentId)),
  CommentRestored: (p) => restored(comment(p.commentId)),
  VersionTagged: () => null,
}

/** What a change does; null for a tagged version, which touches no thing. */
export function effectOf(change: PipelineChange): Effect | null {
  const effect = effects[change.type] as (payload: unknown) => Effect | null
  return effect(change.payload)
}
