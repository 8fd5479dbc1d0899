/**
 * Finds texts that look like secrets, so that a person can take them out before others see them. It
 * knows the forms of common keys, and fields whose names say what they hold. Guesses both ways: it
 * warns, it decides nothing.
 */
import type { JsonValue } from '../json.ts'
import { isRecord } from './json-record.ts'

/** Bounded, and without nested repetition: they run over whole files of strangers. */
const FORMS: readonly (readonly [form: RegExp, looksLike: string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/, 'a private key'],
  [/\bsk-[A-Za-z0-9_-]{20}/, 'a key of an AI service'],
  [/\b(?:gh[oprsu]_[A-Za-z0-9]{30}|github_pat_[A-Za-z0-9_]{30})/, 'a GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20}/, 'a GitLab token'],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10}/, 'a Slack token'],
  [/\bhooks\.slack\.com\/services\/T[A-Z0-9]{6,20}\/B/, 'a Slack webhook'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS key'],
  [/\bAIza[A-Za-z0-9_-]{35}/, 'a Google key'],
  [/\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16}/, 'a SendGrid key'],
  [/[0-9]{8,10}:AA[A-Za-z0-9_-]{32}/, 'a Telegram bot token'],
  [/\beyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10}/, 'a signed token'],
  [/\b[Bb]earer [A-Za-z0-9._~+/-]{20}/, 'a bearer token'],
  [/:\/\/[^\s:@/]{1,100}:[^\s:@/{}]{3,100}@/, 'a password in an address'],
]

const TELLING_NAME =
  /(?:apikey|accesskey|privatekey|secret|secretkey|password|passwd|token|authorization)$/
const PLACEHOLDER = /your|example|placeholder|change|insert|enter|xxx|\*\*\*|[<>]|\{\{|\s/i

/** Shorter texts in a field with a telling name are settings more often than secrets. */
const SECRET_CHARACTERS = 8

export interface FoundSecret {
  /** The members that lead to it, joined by dots. */
  readonly path: string
  readonly looksLike: string
}

/** The texts in a value that look like secrets, in the order of the value. */
export function findSecrets(value: JsonValue, path = '', name = ''): FoundSecret[] {
  if (typeof value === 'string') {
    const looksLike = formOf(value) ?? (tellsOfSecret(name, value) ? 'a secret' : null)
    return looksLike === null ? [] : [{ path, looksLike }]
  }
  if (Array.isArray(value)) {
    return value.flatMap((item: JsonValue, index) => findSecrets(item, join(path, index), name))
  }
  if (!isRecord(value)) return []
  // A header or a field of a form: { name: 'X-Api-Key', value: '…' }.
  const named = typeof value['name'] === 'string' ? value['name'] : name
  return Object.entries(value).flatMap(([key, member]) =>
    findSecrets(member as JsonValue, join(path, key), key === 'value' ? named : key),
  )
}

function join(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`
}

function formOf(text: string): string | null {
  return FORMS.find(([form]) => form.test(text))?.[1] ?? null
}

function tellsOfSecret(name: string, text: string): boolean {
  if (!TELLING_NAME.test(name.toLowerCase().replaceAll(/[\s_-]/g, ''))) return false
  // A leading equals sign makes the text an expression.
  return text.length >= SECRET_CHARACTERS && !text.startsWith('=') && !PLACEHOLDER.test(text)
}
