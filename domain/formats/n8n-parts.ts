/** Makes steps and notes of n8n's nodes, with everything that an export needs to give them back. */
import type { Placement, Size } from '../events/pipeline-events.ts'
import type { NoteId, StepId } from '../ids.ts'
import type { JsonValue } from '../json.ts'
import { limits } from '../limits.ts'
import { cleanRecord, cleanText } from './clean-json.ts'
import { cutTextToBytes, quoted } from './cut-text.ts'
import { cutToSize } from './cut-to-size.ts'
import { importLimits } from './import-limits.ts'
import type { ImportedNote, ImportedStep } from './imported-pipeline.ts'
import { isRecord } from './json-record.ts'
import { FOREIGN_N8N, kindOfN8nType } from './n8n-kinds.ts'
import { reportCleaning, type N8nNode } from './n8n-nodes.ts'
import { fromN8nWidth, toN8nWidth } from './n8n-scale.ts'
import type { UnmappedParts } from './unmapped-parts.ts'

/** What n8n draws a note with that says no size, in its own pixels. */
export const N8N_NOTE_SIZE: Size = { width: 240, height: 160 }
const MAX_WIDTH = toN8nWidth(limits.coordinate)

type JsonRecord = Record<string, JsonValue>

/** Members of a node that become fields of a step; all others are kept as they are. */
const STEP_MEMBERS = new Set(['name', 'position', 'parameters', 'disabled', 'credentials'])
const NOTE_MEMBERS = new Set(['position', 'parameters'])
const NOTE_PARAMETERS = new Set(['content', 'width', 'height'])

export function stepOf(
  node: N8nNode,
  placement: Placement,
  lastOutputs: readonly string[],
  unmapped: UnmappedParts,
): ImportedStep {
  const { raw, name } = node
  const type = raw['type']
  const kind = typeof type === 'string' ? kindOfN8nType(type) : FOREIGN_N8N
  if (kind === FOREIGN_N8N) {
    const what = typeof type === 'string' ? `Steps of the type ${quoted(type)}` : 'Steps of no type'
    unmapped.add(cleanText(what), KEPT_AS_FOREIGN, name)
  }
  const credentials = credentialsOf(node, unmapped)
  const n8n: JsonRecord = {
    ...without(raw, STEP_MEMBERS, node, unmapped),
    ...(Object.keys(credentials).length === 0 ? {} : { credentials }),
  }
  const foreign = lastOutputs.length === 0 ? { n8n } : { n8n, outputs: lastOutputs }
  const config = configOf(node, unmapped)
  const fitting = fitted({ config, foreign }, name, unmapped)
  return {
    id: node.id as StepId,
    kind,
    name,
    placement,
    config: (fitting['config'] ?? {}) as JsonRecord,
    enabled: raw['disabled'] !== true,
    ...(fitting['foreign'] === undefined ? {} : { foreign: fitting['foreign'] }),
  }
}

export function noteOf(node: N8nNode, placement: Placement, unmapped: UnmappedParts): ImportedNote {
  const { raw, name } = node
  const parameters = isRecord(raw['parameters']) ? raw['parameters'] : {}
  const settings = without(parameters, NOTE_PARAMETERS, node, unmapped)
  for (const key of Object.keys(settings)) {
    unmapped.add(`The setting ${quoted(key)} of a note`, 'A note has no such setting here.', name)
  }
  const n8n: JsonRecord = {
    ...without(raw, NOTE_MEMBERS, node, unmapped),
    name,
    ...(Object.keys(settings).length === 0 ? {} : { parameters: settings }),
  }
  const { content } = parameters
  if (content != null && typeof content !== 'string') {
    unmapped.add('A note whose text is no text', 'The note is empty.', name)
  }
  return {
    id: node.id as NoteId,
    text: fittingText(typeof content === 'string' ? content : '', name, unmapped),
    placement,
    size: {
      width: fromN8nWidth(lengthOf(parameters['width'], N8N_NOTE_SIZE.width, MAX_WIDTH)),
      height: lengthOf(parameters['height'], N8N_NOTE_SIZE.height, limits.coordinate),
    },
    foreign: fitted({ n8n }, name, unmapped),
  }
}

/** A text that fits a note or a description, cleaned; says so where it had to be cut. */
export function fittingText(text: string, where: string | null, unmapped: UnmappedParts): string {
  const clean = cleanText(text, reportCleaning(unmapped, where))
  const cut = cutTextToBytes(clean, limits.textCharacters, importLimits.valueBytes)
  if (cut !== clean) {
    const why = `Its first ${cut.length} characters were kept: an event holds no more.`
    unmapped.add('A text that is too long', why, where)
  }
  return cut
}

/** The record without what makes it too large for an event; says what was cut out. */
export function fitted(
  record: JsonRecord,
  where: string | null,
  unmapped: UnmappedParts,
): JsonRecord {
  const cut = cutToSize(record, importLimits.valueBytes, (path) => {
    const why = 'It is larger than an event may be: it was cut out.'
    unmapped.add(`The value ${quoted(path)}`, why, where)
  })
  return cut as JsonRecord
}

const KEPT_AS_FOREIGN =
  'No kind of step here is like it: it came over with all its values, as foreign.n8n.'

function configOf({ raw, name }: N8nNode, unmapped: UnmappedParts): JsonRecord {
  const parameters = raw['parameters']
  if (!isRecord(parameters)) {
    const isEmpty = parameters == null || (Array.isArray(parameters) && parameters.length === 0)
    if (!isEmpty) unmapped.add('Parameters that have no names', 'They were left out.', name)
    return {}
  }
  const members = Object.entries(cleanRecord(parameters, reportCleaning(unmapped, name)))
  return Object.fromEntries(
    members.filter(([key]) => {
      if (key.length >= 1 && key.length <= limits.lineCharacters) return true
      const why = `A key has 1 to ${limits.lineCharacters} characters: it was left out.`
      unmapped.add(`The parameter ${quoted(key)}`, why, name)
      return false
    }),
  )
}

/** Credentials by type, each by its name alone: an id means nothing elsewhere, a secret no good. */
function credentialsOf({ raw, name }: N8nNode, unmapped: UnmappedParts): JsonRecord {
  const credentials = raw['credentials']
  if (!isRecord(credentials)) return {}
  const names = Object.entries(credentials).map(([type, credential]) => {
    const given = isRecord(credential) ? credential['name'] : credential
    return [type, typeof given === 'string' ? given : null] as const
  })
  return cleanRecord(Object.fromEntries(names), reportCleaning(unmapped, name))
}

function without(
  record: Record<string, unknown>,
  members: ReadonlySet<string>,
  { name, raw, originalId }: N8nNode,
  unmapped: UnmappedParts,
): JsonRecord {
  const isKept = (key: string): boolean =>
    !members.has(key) && (key !== 'id' || record !== raw || originalId !== null)
  const rest = Object.entries(record).filter(([key]) => isKept(key))
  return cleanRecord(Object.fromEntries(rest), reportCleaning(unmapped, name))
}

function lengthOf(value: unknown, fallback: number, most: number): number {
  const length = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof length === 'number' && length >= 1 && length <= most ? length : fallback
}
