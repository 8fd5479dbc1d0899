/** Any value that JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** Deep enough for every real configuration; a bound so that recursion cannot exhaust the stack. */
export const MAX_JSON_DEPTH = 64

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Says what keeps a value from being stored: the first offending part, as a sentence, or null.
 *
 * Postgres text cannot hold U+0000, UTF-8 cannot hold a lone surrogate, and three keys would reach
 * an object's prototype.
 */
export function jsonIssue(value: unknown): string | null {
  return isStorable(value, 0) ? null : findIssue(value, '', 0)
}

/** The same question without the words, for nearly every value is fine and every event is asked. */
function isStorable(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth >= MAX_JSON_DEPTH) return false
  if (Array.isArray(value)) return value.every((part) => isStorable(part, depth + 1))
  if (!isPlain(value)) return false
  for (const [key, part] of Object.entries(value)) {
    if (!isStorableKey(key)) return false
    if (!isStorable(part, depth + 1)) return false
  }
  return true
}

/** Whether a text can be the key of something that is stored. */
export function isStorableKey(key: string): boolean {
  return !FORBIDDEN_KEYS.has(key) && isStorableText(key)
}

const isStorableText = (text: string) => text.isWellFormed() && !text.includes('\u0000')

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function findIssue(value: unknown, path: string, depth: number): string | null {
  if (value === null || typeof value === 'boolean') return null
  if (typeof value === 'string') return textIssue(value, path)
  if (typeof value === 'number') {
    return Number.isFinite(value) ? null : `${path || 'the value'} is not a finite number`
  }
  if (typeof value !== 'object') return `${path || 'the value'} is not JSON`
  if (depth >= MAX_JSON_DEPTH) return `${path} is nested deeper than ${MAX_JSON_DEPTH}`
  if (Array.isArray(value)) return firstIssue(value.entries(), path, depth)
  if (!isPlain(value)) return `${path || 'the value'} is not plain JSON`
  for (const key of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(key)) return `${path ? `${path}.` : ''}${key} is not an allowed key`
    const issue = textIssue(key, `a key in ${path || 'the value'}`)
    if (issue) return issue
  }
  return firstIssue(Object.entries(value), path, depth)
}

function firstIssue(
  entries: Iterable<[string | number, unknown]>,
  path: string,
  depth: number,
): string | null {
  for (const [key, part] of entries) {
    const issue = findIssue(part, path ? `${path}.${key}` : String(key), depth + 1)
    if (issue) return issue
  }
  return null
}

function textIssue(text: string, path: string): string | null {
  if (text.includes('\u0000')) return `${path || 'the text'} holds U+0000`
  if (!text.isWellFormed()) return `${path || 'the text'} holds half a character`
  return null
}

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no white space, numbers and strings
 * as ECMAScript prints them. Members that are undefined are left out, as JSON.stringify does.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const record = value as Record<string, unknown>
  const members: string[] = []
  for (const key of Object.keys(record).sort()) {
    const member = record[key]
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`)
  }
  return `{${members.join(',')}}`
}

/** Whether two JSON values are the same value, whatever the order of their keys. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object') return false
  return canonicalJson(left) === canonicalJson(right)
}
