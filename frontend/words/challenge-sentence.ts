import type { JsonValue } from '../../domain/json.ts'
import type { Sentence } from './sentence.ts'
import { valueWords } from './value-words.ts'

/** What arrived for a field while the person was typing in it. */
export function challengeSentence(who: string, value: JsonValue | undefined): Sentence {
  const where = who === 'You' ? ' elsewhere' : ''
  if (value === undefined) return [{ text: `${who} cleared this${where} while you were typing.` }]
  return [
    { text: `${who} changed this${where} to ` },
    { text: valueWords(value, 120), as: 'new' },
    { text: ' while you were typing.' },
  ]
}
