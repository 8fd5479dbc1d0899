/** Reads the list of nodes: which are steps, which are notes, what they are called and found by. */
import { limits } from '../limits.ts'
import type { Placement } from '../events/pipeline-events.ts'
import { cleanText, type CleanIssue, type OnIssue } from './clean-json.ts'
import { cutText } from './cut-text.ts'
import { importLimits } from './import-limits.ts'
import { isRecord } from './json-record.ts'
import { N8N_NOTE } from './n8n-kinds.ts'
import { fromN8nWidth } from './n8n-scale.ts'
import { uniqueNames } from './unique-names.ts'
import type { UnmappedParts } from './unmapped-parts.ts'

export interface N8nNode {
  /** A new id; the file's own one is `originalId`. */
  readonly id: string
  /** Unlike all other names in the pipeline. */
  readonly name: string
  /** The name before it was made unique. */
  readonly givenName: string
  /** What the file calls the node, to the letter: its connections refer to it by this. */
  readonly reference: string | null
  /** Null where the file gives none, or gives it to another node too. */
  readonly originalId: string | number | null
  readonly position: Placement | null
  /** The node as the file has it. */
  readonly raw: Record<string, unknown>
}

export interface N8nNodes {
  readonly steps: readonly N8nNode[]
  readonly notes: readonly N8nNode[]
}

export interface FoundNode {
  readonly kind: 'step' | 'note'
  readonly id: string
}

export function readNodes(
  nodes: readonly unknown[],
  newId: () => string,
  unmapped: UnmappedParts,
): N8nNodes {
  const records = nodes.filter((node, index): node is Record<string, unknown> => {
    if (isRecord(node)) return true
    unmapped.add('An entry among the nodes', 'It is no node: it was left out.', `node ${index + 1}`)
    return false
  })
  const isNote = (raw: Record<string, unknown>): boolean => raw['type'] === N8N_NOTE
  const steps = records.filter((raw) => !isNote(raw))
  // Steps come first, so that of a step and a note with one name the step keeps it.
  const inOrder = [...steps, ...records.filter(isNote)]
  const givenNames = inOrder.map((raw) => nameOf(raw, unmapped))
  const names = uniqueNames(givenNames)
  const ids = new Set<string>()
  const read = inOrder.map((raw, index) => ({
    id: newId(),
    name: names[index]!,
    givenName: givenNames[index]!,
    reference: referenceOf(raw['name']),
    originalId: originalIdOf(raw['id'], ids, unmapped, names[index]!),
    position: positionOf(raw['position']),
    raw,
  }))
  return { steps: read.slice(0, steps.length), notes: read.slice(steps.length) }
}

/** Finds what a connection refers to: by name, as n8n does, else by id, as other tools write. */
export function nodeFinder({ steps, notes }: N8nNodes): (reference: string) => FoundNode | null {
  const byName = new Map<string, FoundNode>()
  const byId = new Map<string, FoundNode>()
  const register = (nodes: readonly N8nNode[], kind: FoundNode['kind']): void => {
    for (const { id, reference, raw } of nodes) {
      const originalId = referenceOf(raw['id'])
      if (reference !== null && !byName.has(reference)) byName.set(reference, { kind, id })
      if (originalId !== null && !byId.has(originalId)) byId.set(originalId, { kind, id })
    }
  }
  register(steps, 'step')
  register(notes, 'note')
  return (reference) => byName.get(reference) ?? byId.get(reference) ?? null
}

/** A name or an id as connections write it; null where it is neither text nor number. */
export function referenceOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

const CLEANED: Readonly<Record<CleanIssue, readonly [what: string, why: string]>> = {
  'forbidden-key': [
    'A key "__proto__", "constructor" or "prototype"',
    'No event may hold such a key: it was dropped with its value.',
  ],
  'unstorable-text': [
    'A text with U+0000 or half a character',
    'Such characters cannot be stored: they were taken out.',
  ],
  'too-deep': [
    `A value nested deeper than ${importLimits.valueDepth} levels`,
    'It was cut at that depth.',
  ],
  'not-finite': ['A number too large for a number', 'It became null.'],
}

/** Says in the report what was cleaned, and where. */
export function reportCleaning(unmapped: UnmappedParts, where: string | null): OnIssue {
  return (issue) => unmapped.add(...CLEANED[issue], where)
}

function nameOf(raw: Record<string, unknown>, unmapped: UnmappedParts): string {
  const given = referenceOf(raw['name'])
  if (given !== null && given.trim() !== '') {
    const clean = cleanText(given)
    if (clean !== given) reportCleaning(unmapped, clean)('unstorable-text')
    const name = cutText(clean, limits.lineCharacters)
    if (name !== clean) {
      const why = `It was cut after ${limits.lineCharacters} characters.`
      unmapped.add('A name that is too long', why, name)
    }
    if (name.trim() !== '') return name
  }
  const type = referenceOf(raw['type']) ?? ''
  const word = cleanText(type.slice(type.lastIndexOf('.') + 1)).trim()
  const name = cutText(word, limits.lineCharacters) || 'Step'
  unmapped.add('A node without a name', 'It was called after its type.', name)
  return name
}

function originalIdOf(
  id: unknown,
  seen: Set<string>,
  unmapped: UnmappedParts,
  name: string,
): string | number | null {
  if (typeof id !== 'string' && typeof id !== 'number') return null
  if (seen.has(String(id))) {
    unmapped.add('An id that another node has too', 'The node got a new one.', name)
    return null
  }
  seen.add(String(id))
  return id
}

function positionOf(position: unknown): Placement | null {
  if (!Array.isArray(position)) return null
  const [x, y]: unknown[] = position
  if (!isCoordinate(x) || !isCoordinate(y)) return null
  const wide = fromN8nWidth(x)
  return isCoordinate(wide) ? { x: wide, y } : null
}

function isCoordinate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= limits.coordinate
}
