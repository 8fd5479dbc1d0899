/**
 * Writes a pipeline as an n8n workflow. What was imported from n8n becomes what it was, but for ids
 * that were missing or doubled, names that were not unique and credentials, which have only their
 * names; what was made here becomes the n8n type that is nearest to its kind.
 */
import type { ConnectionEnds, Placement, Size } from '../events/pipeline-events.ts'
import type { JsonValue } from '../json.ts'
import { isRecord } from './json-record.ts'
import { UNUSED_PORTS } from './n8n-connections.ts'
import { N8N_NOTE, n8nTypeOfKind } from './n8n-kinds.ts'
import { n8nPortOf } from './n8n-ports.ts'
import { toN8nWidth } from './n8n-scale.ts'
import { uniqueNames } from './unique-names.ts'

interface ExportableStep {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly placement: Placement
  readonly config: Readonly<Record<string, JsonValue>>
  readonly enabled: boolean
  readonly foreign?: JsonValue
}

interface ExportableNote {
  readonly id: string
  readonly text: string
  readonly placement: Placement
  readonly size: Size
  readonly foreign?: JsonValue
}

/** An imported pipeline is one; so are the parts of a pipeline's view. */
export interface ExportablePipeline {
  readonly name: string
  readonly description?: string
  readonly steps: readonly ExportableStep[]
  readonly connections: readonly ConnectionEnds[]
  readonly notes: readonly ExportableNote[]
  readonly foreign?: JsonValue
}

type JsonRecord = Record<string, JsonValue>

/** The workflow as n8n imports it. Connections of which an end does not exist are left out. */
export function exportN8n(pipeline: ExportablePipeline): JsonRecord {
  const { steps, notes } = pipeline
  const names = uniqueNames([
    ...steps.map(({ name }) => name || 'Step'),
    ...notes.map(({ foreign }) => textOr(n8nPart(foreign)?.['name'], 'Sticky Note')),
  ])
  const idOf = idGiver()
  const nodes = [
    ...steps.map((step, index) => nodeOfStep(step, names[index]!, idOf(step))),
    ...notes.map((note, index) => nodeOfNote(note, names[steps.length + index]!, idOf(note))),
  ]
  return {
    ...n8nPart(pipeline.foreign),
    name: pipeline.name,
    ...(pipeline.description ? { description: pipeline.description } : {}),
    nodes,
    connections: connectionsOf(pipeline, names),
  }
}

function nodeOfStep(step: ExportableStep, name: string, id: JsonValue): JsonRecord {
  const { credentials, ...n8n } = n8nPart(step.foreign) ?? typeOfOwn(step.kind)
  return {
    ...n8n,
    id,
    name,
    position: positionOf(step.placement),
    parameters: step.config,
    ...(step.enabled ? {} : { disabled: true }),
    ...(isRecord(credentials) ? { credentials: credentialsOf(credentials as JsonRecord) } : {}),
  }
}

function positionOf({ x, y }: Placement): JsonValue {
  return [toN8nWidth(x), y]
}

function typeOfOwn(kind: string): JsonRecord {
  const type = n8nTypeOfKind(kind)
  if (type !== null) return { type, typeVersion: 1 }
  return { type: n8nTypeOfKind('noop'), typeVersion: 1, notes: `A step of the kind ${kind}` }
}

function credentialsOf(names: JsonRecord): JsonRecord {
  return Object.fromEntries(
    Object.entries(names).map(([type, name]) => [type, { id: null, name }] as const),
  )
}

function nodeOfNote(note: ExportableNote, name: string, id: JsonValue): JsonRecord {
  const { parameters, ...n8n } = n8nPart(note.foreign) ?? { typeVersion: 1 }
  return {
    ...n8n,
    type: N8N_NOTE,
    id,
    name,
    position: positionOf(note.placement),
    parameters: {
      ...(isRecord(parameters) ? (parameters as JsonRecord) : {}),
      content: note.text,
      width: toN8nWidth(note.size.width),
      height: note.size.height,
    },
  }
}

function connectionsOf(
  { steps, connections }: ExportablePipeline,
  names: readonly string[],
): JsonRecord {
  const nameOf = new Map(steps.map(({ id }, index) => [id, names[index]!]))
  const bySource = new Map<string, Map<string, JsonValue[][]>>()
  const targetsOf = (source: string, port: string): JsonValue[] => {
    const { type, index } = n8nPortOf('out', port)
    const byType = bySource.get(source) ?? new Map<string, JsonValue[][]>()
    const outputs = byType.get(type) ?? []
    while (outputs.length <= index) outputs.push([])
    bySource.set(source, byType.set(type, outputs))
    return outputs[index]!
  }
  for (const { from, to } of connections) {
    const source = nameOf.get(from.stepId)
    const node = nameOf.get(to.stepId)
    if (source === undefined || node === undefined) continue
    targetsOf(source, from.port).push({ node, ...n8nPortOf('in', to.port) })
  }
  for (const { id, foreign } of steps) {
    const outputs = isRecord(foreign) ? foreign['outputs'] : null
    if (!Array.isArray(outputs)) continue
    // Asking for a port's targets is enough to list the port.
    for (const port of outputs.slice(0, UNUSED_PORTS))
      if (typeof port === 'string') targetsOf(nameOf.get(id)!, port)
  }
  // From entries, since a step may be called __proto__.
  return Object.fromEntries(
    [...bySource].map(([source, byType]) => [source, Object.fromEntries(byType)]),
  )
}

/** Gives each node its id in n8n, but each id only once: a copied step has that of its original. */
function idGiver(): (part: ExportableStep | ExportableNote) => JsonValue {
  const given = new Set<string>()
  return ({ id, foreign }) => {
    const original = n8nPart(foreign)?.['id']
    const isText = typeof original === 'string' || typeof original === 'number'
    if (!isText || given.has(String(original))) return id
    given.add(String(original))
    return original
  }
}

/** What n8n says of a step, a note or the workflow; null where it did not come from n8n. */
function n8nPart(foreign: JsonValue | undefined): JsonRecord | null {
  const part = isRecord(foreign) ? foreign['n8n'] : null
  return isRecord(part) ? (part as JsonRecord) : null
}

function textOr(value: JsonValue | undefined, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback
}
