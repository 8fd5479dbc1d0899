/**
 * Imports an n8n workflow.
 *
 * Everything that is a workflow at all comes over: parts that are unknown, dangling, doubled or not
 * storable are reported and never a reason to refuse the file. What a step cannot say in its own
 * fields stays with it under `foreign`, so that `exportN8n` gives back the same workflow.
 *
 * What comes out is a pure function of the text and the ids that are handed in.
 */
import type { JsonValue } from '../json.ts'
import { limits } from '../limits.ts'
import { acceptAcyclic } from './accept-acyclic.ts'
import { cleanJson, cleanText } from './clean-json.ts'
import { cutText, quoted } from './cut-text.ts'
import { detectFormat, formatOfJson, parseJson, refuseFormat } from './detect-format.ts'
import { importLimits } from './import-limits.ts'
import type {
  ImportedPipeline,
  ImportRefusal,
  ImportRefusalCode,
  ImportResult,
} from './imported-pipeline.ts'
import { textBytes } from './json-size.ts'
import { readConnections, type N8nConnections } from './n8n-connections.ts'
import { nodeFinder, readNodes, reportCleaning, type N8nNodes } from './n8n-nodes.ts'
import { fitted, fittingText, noteOf, stepOf } from './n8n-parts.ts'
import { placeNodes, type Placements } from './n8n-placements.ts'
import { reportOf } from './n8n-report.ts'
import { n8nWorkflowsIn, type N8nWorkflow } from './n8n-workflow.ts'
import { gatherUnmapped, type UnmappedParts } from './unmapped-parts.ts'

export interface ImportOptions {
  /** Gives a new lower-case uuid each time. */
  readonly newId: () => string
  /** What to call a workflow that says no name: the file's, say. */
  readonly unnamed?: string
}

/**
 * Imports the text of a file, or what was parsed from one. Of several workflows the first is taken,
 * and the report names the others. Never throws.
 */
export function importN8n(content: unknown, options: ImportOptions): ImportResult {
  const text = typeof content === 'string' ? content : textOf(content)
  if (text === undefined) return refuseFormat(null)
  const bytes = text.length > limits.importBytes ? text.length : textBytes(text)
  if (bytes > limits.importBytes) return tooLarge('bytes', bytes, limits.importBytes)
  const parsed = parseJson(text)
  if (parsed === undefined) return refuseText(text)
  const format = formatOfJson(parsed)
  if (format !== 'n8n') return refuseFormat(format)
  const [first, ...others] = n8nWorkflowsIn(parsed)
  return importWorkflow(first!, others, options)
}

function importWorkflow(
  { workflow, name }: N8nWorkflow,
  others: readonly N8nWorkflow[],
  { newId, unnamed = UNNAMED }: ImportOptions,
): ImportResult {
  const count = workflow.nodes.length
  if (count > 2 * limits.importSteps) return tooLarge('nodes', count, 2 * limits.importSteps)
  const unmapped = gatherUnmapped()
  const nodes = readNodes(workflow.nodes, newId, unmapped)
  for (const part of ['steps', 'notes'] as const) {
    const { length } = nodes[part]
    if (length > limits.importSteps) return tooLarge(part, length, limits.importSteps)
  }
  const read = readConnections(workflow['connections'], nodeFinder(nodes), unmapped)
  if (read === null) return tooLarge('connections', null, importLimits.connections)
  const links = read.connections.map(({ from, to }) => ({ from: from.stepId, to: to.stepId }))
  const stepIds = nodes.steps.map(({ id }) => id)
  const forward = acceptAcyclic(stepIds, links)
  const cycles = links.length - forward.length
  const placements = placeNodes(nodes, forward)
  const pipeline: ImportedPipeline = {
    name: pipelineNameOf(name, unmapped) || pipelineNameOf(unnamed, unmapped) || UNNAMED,
    ...descriptionOf(workflow, unmapped),
    graphRule: cycles === 0 ? 'acyclic' : 'free',
    ...partsOf(nodes, read, placements, unmapped),
    connections: read.connections,
    ...foreignOf(workflow, unmapped),
  }
  const otherNames = others.map((other) => other.name ?? UNNAMED)
  const report = reportOf(pipeline, { nodes, read, cycles, placements, otherNames, unmapped })
  return { ok: true, pipeline, report }
}

const UNNAMED = 'Imported workflow'

function pipelineNameOf(name: string | null, unmapped: UnmappedParts): string {
  const clean = cleanText(name ?? '', reportCleaning(unmapped, null))
  return cutText(clean, limits.lineCharacters)
}

function partsOf(
  nodes: N8nNodes,
  { lastOutputs }: N8nConnections,
  placements: Placements,
  unmapped: UnmappedParts,
): Pick<ImportedPipeline, 'steps' | 'notes'> {
  const placementOf = (id: string) => placements.of.get(id)!
  return {
    steps: nodes.steps.map((node) =>
      stepOf(node, placementOf(node.id), lastOutputs.get(node.id) ?? [], unmapped),
    ),
    notes: nodes.notes.map((node) => noteOf(node, placementOf(node.id), unmapped)),
  }
}

function descriptionOf(
  { description }: Record<string, unknown>,
  unmapped: UnmappedParts,
): { description?: string } {
  const text = typeof description === 'string' ? fittingText(description, null, unmapped) : ''
  return text === '' ? {} : { description: text }
}

/** Numbers and marks that an n8n server keeps of a workflow: they say nothing to a person. */
const BOOKKEEPING = new Set([
  ...['active', 'createdAt', 'id', 'isArchived', 'triggerCount', 'updatedAt', 'versionId'],
])
const NOT_KEPT: Readonly<Record<string, string>> = {
  pinData: 'Pinned data of test runs may be personal: it was left out.',
  staticData: 'What an n8n server remembered between two runs was left out.',
}

function foreignOf(
  workflow: Record<string, unknown>,
  unmapped: UnmappedParts,
): { foreign?: JsonValue } {
  const clean = reportCleaning(unmapped, null)
  const n8n: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(workflow)) {
    if (key === 'nodes' || key === 'connections' || key === 'name') continue
    if (key === 'description' && typeof value === 'string') continue
    const isKept = !Object.hasOwn(NOT_KEPT, key)
    if (!isEmpty(value) && !BOOKKEEPING.has(key)) {
      const why = NOT_KEPT[key] ?? 'Nothing here shows it: it is kept for an export.'
      unmapped.add(cleanText(`The workflow's ${quoted(key)}`), why, null)
    }
    if (isKept) n8n[key] = cleanJson(value, clean, 2)
  }
  return Object.keys(n8n).length === 0 ? {} : { foreign: fitted({ n8n }, null, unmapped) }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === false || value === '') return true
  return typeof value === 'object' && Object.keys(value as object).length === 0
}

/** Through text, so that whatever was handed in becomes plain JSON within the same limits. */
function textOf(content: unknown): string | undefined {
  try {
    return JSON.stringify(content)
  } catch {
    return undefined
  }
}

function refuseText(text: string): ImportRefusal {
  const format = detectFormat(text)
  if (!/^\uFEFF?\s*[[{]/.test(text)) return refuseFormat(format === 'n8n' ? null : format)
  const message =
    'The text starts like JSON and breaks off or holds an error. Export the workflow again and ' +
    'import the whole file.'
  return { ok: false, code: 'malformed', message }
}

function tooLarge(of: string, count: number | null, most: number): ImportRefusal {
  const code: ImportRefusalCode = 'too-large'
  const found = count === null ? `more than ${most}` : String(count)
  const message = `The file has ${found} ${of}; an import takes ${most} at most. Split it up.`
  return { ok: false, code, message }
}
