/** A configuration value in one short line. */
import type { JsonValue } from '../../domain/json.ts'

const LONGEST = 60

/** The value as text; "nothing" where it is absent. Cut after 60 characters, or `longest`. */
export function valueWords(value: JsonValue | undefined, longest = LONGEST): string {
  if (value === undefined) return 'nothing'
  if (value === '') return 'empty'
  if (value === true) return 'yes'
  if (value === false) return 'no'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return shortened(text, longest)
}

/** One line of a text, cut with an ellipsis where it is longer. */
export function shortened(text: string, longest = LONGEST): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest - 1).trimEnd()}…` : line
}
