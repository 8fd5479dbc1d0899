/**
 * Makes a value that was parsed from a stranger's file storable: what `jsonIssue` would refuse is
 * dropped, replaced or cut, and said. A file is never refused for such a part.
 */
import { jsonIssue, type JsonValue } from '../json.ts'
import { importLimits } from './import-limits.ts'
import { isRecord } from './json-record.ts'

export type CleanIssue = 'forbidden-key' | 'unstorable-text' | 'too-deep' | 'not-finite'

export type OnIssue = (issue: CleanIssue) => void

const HALF_CHARACTERS = /\p{Surrogate}/gu

/** The value without what cannot be stored; what is neither kept nor dropped becomes null. */
export function cleanJson(value: unknown, onIssue: OnIssue, depth = 0): JsonValue {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return cleanText(value, onIssue)
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    onIssue('not-finite')
    return null
  }
  if (depth >= importLimits.valueDepth) {
    onIssue('too-deep')
    return null
  }
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, onIssue, depth + 1))
  return isRecord(value) ? cleanRecord(value, onIssue, depth) : null
}

/** As `cleanJson`, of an object's members. */
export function cleanRecord(
  record: Record<string, unknown>,
  onIssue: OnIssue,
  depth = 0,
): Record<string, JsonValue> {
  const clean: Record<string, JsonValue> = {}
  for (const [key, member] of Object.entries(record)) {
    const cleanKey = cleanText(key, onIssue)
    // Asked of the one place that knows them: which keys no event may hold.
    if (jsonIssue({ [cleanKey]: null }) === null) {
      clean[cleanKey] = cleanJson(member, onIssue, depth + 1)
    } else onIssue('forbidden-key')
  }
  return clean
}

/** The text without U+0000, and with U+FFFD for each half of a character. */
export function cleanText(text: string, onIssue?: OnIssue): string {
  const clean = text.replaceAll('\u0000', '').replace(HALF_CHARACTERS, '\uFFFD')
  if (clean !== text) onIssue?.('unstorable-text')
  return clean
}
