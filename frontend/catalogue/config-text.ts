/**
 * Reads a step's config for the one line of text that its card has room for. Imported configs are
 * n8n's: a chosen record comes as `{ __rl: true, value, cachedResultName }`, an expression with a `=`
 * in front, a list inside an object of its own.
 */
import type { JsonValue } from '../../domain/json.ts'
import type { StepConfig } from './step-kind.ts'

/** Deep enough for a list in an object in a list. */
const DEPTH = 4

/** The first of the keys that holds something to read, as text; else ''. */
export function textOf(config: StepConfig, ...keys: string[]): string {
  for (const key of keys) {
    const text = plain(own(config, key))
    if (text !== '') return text
  }
  return ''
}

/** As `textOf`, for keys that lie somewhere inside. */
export function deepTextOf(config: StepConfig, ...keys: string[]): string {
  for (const key of keys) {
    const text = deep(config, key, DEPTH)
    if (text !== '') return text
  }
  return ''
}

/** "2 rules": how many entries the first of the keys' lists has; '' where there is none. */
export function countOf(
  config: StepConfig,
  keys: readonly string[],
  one: string,
  many: string,
): string {
  for (const key of keys) {
    const count = entries(own(config, key), DEPTH)
    if (count > 0) return count === 1 ? `1 ${one}` : `${count} ${many}`
  }
  return ''
}

/** "GET /orders": a method and the path of an address, the part in which steps differ. */
export function requestOf(config: StepConfig, ...addressKeys: string[]): string {
  const address = addressPath(textOf(config, ...addressKeys))
  const method = textOf(config, 'method', 'httpMethod') || (address === '' ? '' : 'GET')
  return [method.toUpperCase(), address].filter(Boolean).join(' ')
}

export function joined(...parts: string[]): string {
  return parts.filter(Boolean).join(', ')
}

function addressPath(address: string): string {
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/, '')
  return path === '' || path === '/' ? address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '') : path
}

function plain(value: JsonValue | undefined): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return value.replace(/^=/, '').replace(/\s+/g, ' ').trim()
  if (!isRecord(value) || !('value' in value)) return ''
  return plain(own(value, 'cachedResultName')) || plain(own(value, 'value'))
}

function deep(value: JsonValue, key: string, depth: number): string {
  if (depth === 0 || value === null || typeof value !== 'object') return ''
  const here = isRecord(value) ? plain(own(value, key)) : ''
  if (here !== '') return here
  for (const inner of Object.values(value) as JsonValue[]) {
    const text = deep(inner, key, depth - 1)
    if (text !== '') return text
  }
  return ''
}

function entries(value: JsonValue | undefined, depth: number): number {
  if (Array.isArray(value)) return value.length
  if (!isRecord(value) || depth === 0) return 0
  const lists = Object.values(value).map((inner) => entries(inner, depth - 1))
  return Math.max(0, ...lists)
}

function isRecord(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function own(record: { readonly [key: string]: JsonValue }, key: string): JsonValue | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
