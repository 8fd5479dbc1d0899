/** Which fields the form of a step has, and with which inputs. */
import type { Thing } from '../../../domain/pipeline/state.ts'
import { CONFIG_PREFIX, configField } from '../../../domain/pipeline/effects.ts'
import { isInConflict, shownValue } from '../../../domain/pipeline/register.ts'
import type { StepKind } from '../../catalogue/step-kind.ts'
import { keyLabel } from '../../words/field-label.ts'
import { fieldInput, textOfValue, type FieldInput } from './field-input.ts'

export interface StepField {
  /** As in the register: a config key with its prefix. */
  readonly field: string
  readonly key: string
  readonly label: string
  readonly input: FieldInput
  /** What the kind starts with, shown where nothing is set. */
  readonly placeholder: string
}

/**
 * The kind's own keys in its order, set or not, then every other key that is set or in conflict, by
 * name.
 */
export function stepFields(step: Thing, kind: StepKind): readonly StepField[] {
  const own = Object.keys(kind.defaults)
  const others: string[] = []
  for (const [field, register] of step.fields) {
    if (!field.startsWith(CONFIG_PREFIX)) continue
    const key = field.slice(CONFIG_PREFIX.length)
    if (own.includes(key)) continue
    if (shownValue(register) !== undefined || isInConflict(register)) others.push(key)
  }
  return [...own, ...others.sort()].map((key) => {
    const field = configField(key)
    const fallback = kind.defaults[key]
    const input = fieldInput(kind.id, key, step.fields.shown(field), fallback)
    return {
      field,
      key,
      label: keyLabel(key),
      input,
      placeholder: textOfValue(input.kind, fallback),
    }
  })
}
