/** From a field and a value to the event that writes it: the reverse of the table of effects. */
import { readChange } from '../events/event.ts'
import { PIPELINE_EVENT_SCHEMA, type PipelineChange } from '../events/pipeline-events.ts'
import type { JsonValue } from '../json.ts'
import { CONFIG_PREFIX, type FieldName, type ThingKind } from './effects.ts'

type Writer = (
  id: string,
  value: JsonValue,
) => { type: string; payload: Record<string, unknown> } | null

/** A field that is true or false, with an event for each; nothing else can be written to it. */
const flag =
  (on: string, off: string, payloadOf: (id: string) => Record<string, unknown>): Writer =>
  (id, value) =>
    typeof value === 'boolean' ? { type: value ? on : off, payload: payloadOf(id) } : null

const writers: Readonly<Record<string, Writer>> = {
  'pipeline/name': (_, name) => ({ type: 'PipelineRenamed', payload: { name } }),
  'pipeline/description': (_, description) => ({
    type: 'PipelineDescribed',
    payload: { description },
  }),
  'pipeline/graphRule': (_, graphRule) => ({
    type: 'PipelineGraphRuleSet',
    payload: { graphRule },
  }),
  'pipeline/archived': flag('PipelineArchived', 'PipelineUnarchived', () => ({})),
  'step/name': (stepId, name) => ({ type: 'StepRenamed', payload: { stepId, name } }),
  'step/placement': (stepId, placement) => ({ type: 'StepMoved', payload: { stepId, placement } }),
  'step/enabled': flag('StepEnabled', 'StepDisabled', (stepId) => ({ stepId })),
  'note/text': (noteId, text) => ({ type: 'NoteEdited', payload: { noteId, text } }),
  'note/placement': (noteId, placement) => ({ type: 'NoteMoved', payload: { noteId, placement } }),
  'note/size': (noteId, size) => ({ type: 'NoteResized', payload: { noteId, size } }),
  'comment/body': (commentId, body) => ({ type: 'CommentEdited', payload: { commentId, body } }),
  'comment/resolved': flag('CommentResolved', 'CommentReopened', (commentId) => ({ commentId })),
}

/**
 * The change that writes a value to a field; undefined writes `absent`. Null where no event can
 * write it: a step's kind, say, is written by its addition alone, or the value is not allowed.
 */
export function changeThatWrites(
  kind: ThingKind,
  id: string,
  field: FieldName,
  value: JsonValue | undefined,
): PipelineChange | null {
  if (kind === 'step' && field.startsWith(CONFIG_PREFIX)) {
    const key = field.slice(CONFIG_PREFIX.length)
    return value === undefined
      ? checked({ type: 'StepConfigCleared', payload: { stepId: id, key } })
      : checked({ type: 'StepConfigured', payload: { stepId: id, key, value } })
  }
  const change = value === undefined ? null : writers[`${kind}/${field}`]?.(id, value)
  return change ? checked(change) : null
}

/** What a field is worth before anybody has written it; undefined for `absent`. */
export function unsetValue(kind: ThingKind, field: FieldName): JsonValue | undefined {
  const isFlag =
    (kind === 'pipeline' && field === 'archived') || (kind === 'comment' && field === 'resolved')
  return isFlag ? false : undefined
}

/** The change that removes or restores a thing. */
export function existenceChange(
  kind: 'step' | 'note' | 'comment',
  id: string,
  existence: 'remove' | 'restore',
): PipelineChange {
  const noun = { step: 'Step', note: 'Note', comment: 'Comment' }[kind]
  const type = `${noun}${existence === 'remove' ? 'Removed' : 'Restored'}`
  return { type, payload: { [`${kind}Id`]: id } } as unknown as PipelineChange
}

function checked(change: { type: string; payload: unknown }): PipelineChange | null {
  return readChange({ ...change, schema: PIPELINE_EVENT_SCHEMA })
}
