/** How a configuration value is typed in: which input it gets, and how its text is read back. */
import { jsonIssue, type JsonValue } from '../../../domain/json.ts'
import { jsonErrorLine } from './json-error-line.ts'

/** `text` is set in a code font, as configuration is; `plain` is words. */
export type InputKind =
  'plain' | 'text' | 'multiline' | 'code' | 'number' | 'switch' | 'choice' | 'json'

export interface FieldInput {
  readonly kind: InputKind
  /** `choice`: the values to choose from. */
  readonly choices?: readonly string[]
  /** What a choice is called, where that is not the value itself. */
  readonly choiceLabels?: Readonly<Record<string, string>>
  /** Says what is wrong with an empty text, where it may not be empty. */
  readonly missing?: string
}

export type Reading =
  | { readonly ok: true; readonly value: JsonValue | undefined }
  | { readonly ok: false; readonly message: string }

/** Keys whose text runs over lines, or is written in some language. */
const MULTILINE = new Set(['prompt', 'message', 'body', 'description', 'notes', 'text', 'content'])
const CODE = new Set(['source', 'code', 'expression', 'query', 'script', 'template', 'jscode'])

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  'http.method': ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'],
  'webhook.method': ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  'transform.language': ['jsonata', 'jmespath', 'javascript', 'typescript'],
  'code.language': ['typescript', 'javascript', 'python'],
  'database.engine': ['postgres', 'mysql', 'sqlite', 'mssql'],
  'notify.channel': ['chat', 'mail', 'webhook'],
  'wait.unit': ['seconds', 'minutes', 'hours', 'days'],
  'merge.mode': ['append', 'combine', 'first'],
}

/** A text longer than this gets more than one line. */
const LONG_TEXT = 60

/**
 * The input for a key of a step. The value on show decides, so that nothing is lost in an input of
 * another type; where there is none yet, the kind's default does.
 */
export function fieldInput(
  kind: string,
  key: string,
  value: JsonValue | undefined,
  fallback: JsonValue | undefined,
): FieldInput {
  const sample = value === undefined ? fallback : value
  if (typeof sample === 'boolean') return { kind: 'switch' }
  if (typeof sample === 'number') return { kind: 'number' }
  if (sample !== undefined && typeof sample !== 'string') return { kind: 'json' }
  const choices = CHOICES[`${kind}.${key}`]
  if (choices && (sample === undefined || sample === '' || choices.includes(sample))) {
    return { kind: 'choice', choices }
  }
  const name = key.toLowerCase()
  if (CODE.has(name)) return { kind: 'code' }
  const runsOn = sample !== undefined && (sample.includes('\n') || sample.length > LONG_TEXT)
  return { kind: MULTILINE.has(name) || runsOn ? 'multiline' : 'text' }
}

/** A value as the text that its input starts with. */
export function textOfValue(input: InputKind, value: JsonValue | undefined): string {
  if (value === undefined) return ''
  if (input === 'json') return JSON.stringify(value, null, 2)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Reads what was typed into a field that may be one that must be filled in. */
export function readInput(input: FieldInput, text: string): Reading {
  if (input.missing !== undefined && text.trim() === '') {
    return { ok: false, message: input.missing }
  }
  return readText(input.kind, text)
}

/** Reads what was typed. An empty number or an empty JSON text clears the key. */
export function readText(input: InputKind, text: string): Reading {
  if (input === 'number') return readNumber(text)
  if (input === 'json') return readJson(text)
  return checked(text)
}

function readNumber(text: string): Reading {
  const trimmed = text.trim().replace(',', '.')
  if (trimmed === '') return { ok: true, value: undefined }
  const value = Number(trimmed)
  if (Number.isFinite(value)) return { ok: true, value }
  return { ok: false, message: 'This is not a number.' }
}

function readJson(text: string): Reading {
  if (text.trim() === '') return { ok: true, value: undefined }
  try {
    return checked(JSON.parse(text) as JsonValue)
  } catch {
    const line = jsonErrorLine(text) ?? 1
    const message = `This is not valid JSON: look at line ${line}. Nothing is saved until it is.`
    return { ok: false, message }
  }
}

function checked(value: JsonValue): Reading {
  const issue = jsonIssue(value)
  return issue ? { ok: false, message: `This cannot be stored: ${issue}.` } : { ok: true, value }
}
