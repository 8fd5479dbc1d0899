import { words } from '../../words/words.ts'
import type { FieldInput } from './field-input.ts'

/** The input of a name, which a pipeline and a step always have. */
export const NAME_INPUT: FieldInput = { kind: 'plain', missing: words.field.nameMissing }
