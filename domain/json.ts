/** Any value that JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** Deep enough for every real configuration; a bound so that recursion cannot exhaust the stack. */
export const MAX_JSON_DEPTH = 64

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Says what keeps a value from being stored: the first offending part, as a sentence, or null.
 *
 * Postgres text cannot hold U+0000, UTF-8 cannot hold a lone surrogate, and three keys would reach
 * an object's prototype.
 */
export function jsonIssue(value: unknown, path = '', depth = 0): string | null {
  if (value === null || typeof value === 'boolean') return null
  if (typeof value === 'string') return textIssue(value, path)
  if (typeof value === 'number') {
    return Number.isFinite(value) ? null : `${path || 'the value'} is not a finite number`
  }
  if (typeof value !== 'object') return `${path || 'the value'} is not JSON`
  if (depth >= MAX_JSON_DEPTH) return `${path} is nested deeper than ${MAX_JSON_DEPTH}`
  if (Array.isArray(value)) return firstIssue(value.entries(), path, depth)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `${path} is not plain JSON`
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
    const issue = jsonIssue(part, path ? `${path}.${key}` : String(key), depth + 1)
    if (issue) return issue
  }
  return null
}

function textIssue(text: string, path: string): string | null {
  if (text.includes('\u0000')) return `${path || 'the text'} holds U+0000`
  if (LONE_SURROGATE.test(text)) return `${path || 'the text'} holds half a character`
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
