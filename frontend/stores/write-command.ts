import type { NoteId, StepId } from '../../domain/ids.ts'
import type { JsonValue } from '../../domain/json.ts'
import type { Command } from '../../domain/pipeline/commands.ts'
import { CONFIG_PREFIX, type FieldName, type ThingKind } from '../../domain/pipeline/effects.ts'

/** A thing whose fields are edited in the inspector. */
export interface EditedThing {
  readonly kind: ThingKind
  readonly id: string
}

/**
 * The command by which a person writes a field; undefined clears it. A field that has no command of
 * its own is written as a choice among its values.
 */
export function writeCommand(
  { kind, id }: EditedThing,
  field: FieldName,
  value: JsonValue | undefined,
): Command {
  const text = typeof value === 'string' ? value : ''
  if (kind === 'step') {
    const stepId = id as StepId
    if (field === 'name') return { type: 'RenameStep', stepId, name: text }
    if (field === 'enabled') {
      return { type: 'SetStepsEnabled', stepIds: [stepId], enabled: value !== false }
    }
    if (field.startsWith(CONFIG_PREFIX)) {
      const key = field.slice(CONFIG_PREFIX.length)
      return value === undefined
        ? { type: 'ClearStepConfig', stepId, key }
        : { type: 'ConfigureStep', stepId, key, value }
    }
  }
  if (kind === 'note' && field === 'text') {
    return { type: 'EditNote', noteId: id as NoteId, text }
  }
  if (kind === 'pipeline' && field === 'name') return { type: 'RenamePipeline', name: text }
  if (kind === 'pipeline' && field === 'description') {
    return { type: 'DescribePipeline', description: text }
  }
  return { type: 'ChooseValue', thing: { kind, id }, field, value }
}
