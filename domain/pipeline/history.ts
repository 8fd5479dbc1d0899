/** History as people read it: for each event who changed what, from what, to what, and when. */
import { readChange, type PipelineEvent } from '../events/event.ts'
import type { PipelineEventType } from '../events/pipeline-events.ts'
import type { JsonValue } from '../json.ts'
import { effectOf, type FieldName, type ThingKind } from './effects.ts'
import { fieldOf, thingsOf, type PipelineState, type Thing } from './state.ts'

/** One field that an event wrote; an absent value is left out. */
export interface FieldChange {
  readonly field: FieldName
  readonly from?: JsonValue
  readonly to?: JsonValue
}

export type Verb =
  | 'created'
  | 'changed'
  | 'added'
  | 'removed'
  | 'restored'
  | 'connected'
  | 'disconnected'
  | 'tagged'
  | 'unknown'

/** What one event did. */
export interface HistoryEntry {
  readonly event: PipelineEvent
  readonly verb: Verb
  readonly subject: { readonly kind: ThingKind | 'connection' | 'version'; readonly id: string }
  /** What people call the subject, as it was called before the event. */
  readonly name: string
  readonly changes: readonly FieldChange[]
}

const VERBS: Partial<Record<PipelineEventType, Verb>> = {
  PipelineCreated: 'created',
  StepRestored: 'restored',
  NoteRestored: 'restored',
  CommentRestored: 'restored',
  StepsConnected: 'connected',
  StepsDisconnected: 'disconnected',
}

/** Describes an event, given the state just before it. */
export function describeEvent(before: PipelineState, event: PipelineEvent): HistoryEntry {
  const change = readChange(event)
  if (!change) {
    const subject = { kind: 'pipeline', id: event.pipelineId } as const
    return { event, verb: 'unknown', subject, name: event.type, changes: [] }
  }
  if (change.type === 'VersionTagged') {
    const { versionId, label } = change.payload
    const subject = { kind: 'version', id: versionId } as const
    return { event, verb: 'tagged', subject, name: label, changes: [] }
  }
  const effect = effectOf(change)!
  const { kind, id } = effect.thing
  const verb = VERBS[change.type] ?? existenceVerb(effect.existence)
  if (kind === 'connection') {
    const { from, to } = effect.ends!
    const name = `${stepName(before, from.stepId)} to ${stepName(before, to.stepId)}`
    return { event, verb, subject: { kind, id }, name, changes: [] }
  }
  const thing = kind === 'pipeline' ? before.pipeline : thingsOf(before, kind).get(id)
  const changes = effect.writes.map(([field, to]): FieldChange => {
    const from = thing?.fields.shown(field)
    return { field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  })
  const name = nameOf(kind, thing) || nameIn(effect.writes)
  return { event, verb, subject: { kind, id }, name, changes }
}

function existenceVerb(existence: 'add' | 'remove' | undefined): Verb {
  return existence === 'add' ? 'added' : existence === 'remove' ? 'removed' : 'changed'
}

function stepName(state: PipelineState, stepId: string): string {
  const step = state.steps.get(stepId)
  return step ? fieldOf(step, 'name', 'a step') : 'a step'
}

function nameOf(kind: ThingKind, thing: Thing | undefined): string {
  if (!thing) return ''
  const field = kind === 'note' ? 'text' : kind === 'comment' ? 'body' : 'name'
  return fieldOf(thing, field, '')
}

function nameIn(writes: readonly (readonly [string, JsonValue | undefined])[]): string {
  const named = writes.find(([field]) => field === 'name' || field === 'text' || field === 'body')
  return typeof named?.[1] === 'string' ? named[1] : ''
}
