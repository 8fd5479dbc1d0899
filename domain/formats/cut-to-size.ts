/**
 * Makes a value small enough for an event by cutting out its largest parts, and as few as will do.
 *
 * It goes down into the largest members first and cuts inside them, so that an oversized text goes
 * and its neighbours stay; a list of many small items goes as a whole. Sizes are counted once,
 * bottom up, so that the work stays in proportion to the value.
 */
import type { JsonValue } from '../json.ts'
import { jsonBytes } from './json-size.ts'

/** A member that takes less than one of so many shares of the room is not what fills it. */
const SHARES = 16

type Container = readonly JsonValue[] | { readonly [key: string]: JsonValue }

/**
 * The value with at most so many bytes as JSON; a member that is cut out of a list becomes null, so
 * that the others keep their places. Undefined where only the whole can go.
 *
 * @param onCut is told the path of each part that was cut out, its members joined by dots.
 */
export function cutToSize(
  value: JsonValue,
  bytes: number,
  onCut: (path: string) => void,
): JsonValue | undefined {
  return jsonBytes(value) <= bytes
    ? value
    : cutPart(value, bytes, { onCut, sizes: new Map(), path: [] })
}

interface Cutting {
  readonly onCut: (path: string) => void
  readonly sizes: Map<Container, number>
  readonly path: readonly string[]
}

function cutPart(value: JsonValue, bytes: number, cutting: Cutting): JsonValue | undefined {
  if (!isContainer(value)) return undefined
  const members = new Map<string, JsonValue>(Object.entries(value))
  let excess = sizeOf(value, cutting.sizes) - bytes
  const put = (key: string, size: number, rest: JsonValue | undefined): void => {
    if (rest !== undefined) {
      members.set(key, rest)
      excess -= size - jsonBytes(rest)
      return
    }
    cutting.onCut([...cutting.path, key].join('.'))
    excess -= isList(value) ? size - 'null'.length : size + jsonBytes(key) + 2
    if (isList(value)) members.set(key, null)
    else members.delete(key)
  }
  for (const { key, member, size } of largestFirst(members, cutting.sizes)) {
    if (excess <= 0 || size <= bytes / SHARES) break
    const path = [...cutting.path, key]
    const left = Math.max(size - excess, bytes / SHARES)
    put(key, size, cutPart(member, left, { ...cutting, path }))
  }
  if (isList(value)) return excess > 0 ? undefined : [...members.values()]
  for (const { key, size } of largestFirst(members, cutting.sizes)) {
    if (excess <= 0) break
    put(key, size, undefined)
  }
  return Object.fromEntries(members)
}

function largestFirst(members: ReadonlyMap<string, JsonValue>, sizes: Map<Container, number>) {
  return [...members]
    .map(([key, member]) => ({ key, member, size: sizeOf(member, sizes) }))
    .sort((a, b) => b.size - a.size)
}

function sizeOf(value: JsonValue, sizes: Map<Container, number>): number {
  if (!isContainer(value)) return jsonBytes(value)
  const known = sizes.get(value)
  if (known !== undefined) return known
  let size = 2
  if (isList(value)) {
    for (const item of value) size += sizeOf(item, sizes) + 1
  } else {
    for (const [key, member] of Object.entries(value)) {
      size += jsonBytes(key) + sizeOf(member, sizes) + 2
    }
  }
  sizes.set(value, size)
  return size
}

function isContainer(value: JsonValue): value is Container {
  return typeof value === 'object' && value !== null
}

function isList(value: Container): value is readonly JsonValue[] {
  return Array.isArray(value)
}
