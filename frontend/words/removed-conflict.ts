/** A thing that one person removed while another edited it, in words. */
import type { JsonValue } from '../../domain/json.ts'
import { fieldLabel } from './field-label.ts'
import type { Sentence, SentencePart } from './sentence.ts'
import { valueWords } from './value-words.ts'

/** "Person B removed this step while somebody edited it". */
export function removedWords(kind: string, who: string): string {
  return `${who} removed this ${kind} while it was being edited`
}

/** "Person A changed Timeout to 60". */
export function editedSentence(who: string, field: string, value: JsonValue | undefined): Sentence {
  const label: SentencePart = { text: fieldLabel(field), as: 'name' }
  if (value === undefined) return [{ text: `${who} cleared ` }, label]
  const to: SentencePart = { text: valueWords(value, 80), as: 'new' }
  return [{ text: `${who} changed ` }, label, { text: ' to ' }, to]
}
