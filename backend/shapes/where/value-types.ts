/**
 * The types of values that a where clause compares: how a row's text and a constant are read, and how
 * two values compare. Postgres and the predicate agree because each type here compares as the SQL
 * type that stands beside it, texts by their bytes whatever the database's collation is.
 */
import { parseTimestamp, readTimestamp } from './timestamp.ts'

export type ValueType = 'boolean' | 'integer' | 'float' | 'text' | 'uuid' | 'timestamp'
export type Value = boolean | number | bigint | string

interface TypeRules {
  /** What messages call it. */
  readonly name: string
  /** The type in SQL that constants are cast to. */
  readonly sql: string
  /** A value as Postgres prints it. */
  readonly read: (text: string) => Value
  /** A constant as somebody wrote it; null where Postgres would refuse it. */
  readonly parse: (text: string) => Value | null
}

export const valueTypes: Readonly<Record<ValueType, TypeRules>> = {
  boolean: {
    name: 'boolean',
    sql: 'bool',
    read: (text) => text === 't',
    parse: parseBoolean,
  },
  integer: {
    name: 'integer',
    sql: 'int8',
    read: readInteger,
    parse: (text) => (/^[+-]?\d{1,19}$/.test(text.trim()) ? int8(text.trim()) : null),
  },
  float: {
    name: 'double precision',
    sql: 'float8',
    read: Number,
    parse: parseFloat8,
  },
  text: {
    name: 'text',
    sql: 'text',
    read: (text) => text,
    parse: (text) => (text.includes('\0') ? null : text),
  },
  uuid: {
    name: 'uuid',
    sql: 'uuid',
    read: (text) => text,
    parse: parseUuid,
  },
  timestamp: {
    name: 'timestamp with time zone',
    sql: 'timestamptz',
    read: readTimestamp,
    parse: parseTimestamp,
  },
}

const TYPES_OF_COLUMNS: Readonly<Record<string, ValueType>> = {
  bool: 'boolean',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  float8: 'float',
  text: 'text',
  varchar: 'text',
  uuid: 'uuid',
  timestamptz: 'timestamp',
}

/** What a column compares as, by its type's name in the catalog; null where it cannot be compared. */
export function valueTypeOf(typeName: string): ValueType | null {
  return TYPES_OF_COLUMNS[typeName] ?? null
}

/** Below 0, 0 or above 0, for two values of one type. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  if (a === b) return 0
  // NaN equals itself and is greater than every other number.
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1
  if (Number.isNaN(b)) return -1
  return a < b ? -1 : a > b ? 1 : 0
}

/** In the order of their bytes in UTF-8, which is that of code points and not of UTF-16 units. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [unitA, unitB] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (unitA !== unitB) return placeOf(unitA) - placeOf(unitB)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others. */
function placeOf(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function readInteger(text: string): Value {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

function int8(text: string): Value | null {
  const value = BigInt(text.replace(/^\+/, ''))
  return BigInt.asIntN(64, value) === value ? readInteger(String(value)) : null
}

function parseFloat8(text: string): number | null {
  const trimmed = text.trim()
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(trimmed)
  if (infinity) return infinity[1] === '-' ? -Infinity : Infinity
  if (/^nan$/i.test(trimmed)) return NaN
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed)) return null
  const value = Number(trimmed)
  // What is too large, or too small to be told from 0, Postgres refuses.
  const isZero = /^[^1-9e]*(?:e|$)/i.test(trimmed)
  return Number.isFinite(value) && (value !== 0 || isZero) ? value : null
}

/** The spellings that Postgres takes. */
function parseBoolean(text: string): boolean | null {
  const word = text.trim().toLowerCase()
  if (/^(t|tr|tru|true|y|ye|yes|on|1)$/.test(word)) return true
  if (/^(f|fa|fal|fals|false|n|no|of|off|0)$/.test(word)) return false
  return null
}

function parseUuid(text: string): string | null {
  const uuid = text.toLowerCase()
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(uuid) ? uuid : null
}
