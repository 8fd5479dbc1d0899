/**
 * Reads n8n's connections: source name -> connection type -> list of outputs -> list of targets.
 * What leads to nothing is reported and left out; nothing in here is refused.
 */
import type { ConnectionEnds } from '../events/pipeline-events.ts'
import type { StepId } from '../ids.ts'
import { connectionKey } from '../pipeline/effects.ts'
import { cleanText } from './clean-json.ts'
import { cutText } from './cut-text.ts'
import { importLimits } from './import-limits.ts'
import type { DanglingReference } from './imported-pipeline.ts'
import { isRecord } from './json-record.ts'
import { referenceOf, reportCleaning, type FoundNode } from './n8n-nodes.ts'
import { lastIndexOf, n8nPortOf, portOf } from './n8n-ports.ts'
import type { UnmappedParts } from './unmapped-parts.ts'

export interface N8nConnections {
  readonly connections: readonly ConnectionEnds[]
  readonly dangling: readonly DanglingReference[]
  /**
   * By step: the last port of each type of which the file lists more outputs than are connected, so
   * that an unconnected last output stays an output.
   */
  readonly lastOutputs: ReadonlyMap<string, readonly string[]>
}

/** Unconnected last outputs that a step keeps: n8n's nodes have one type of output, or a few. */
export const UNUSED_PORTS = 100

type Find = (reference: string) => FoundNode | null

/** One entry in a list of targets, with what leads to it. */
interface Reference {
  readonly source: string
  readonly port: string
  readonly sourceType: string
  readonly target: unknown
}

/** The connections of a file; null where they are more than an import takes. */
export function readConnections(
  connections: unknown,
  find: Find,
  unmapped: UnmappedParts,
): N8nConnections | null {
  const byKey = new Map<string, ConnectionEnds>()
  const dangling: DanglingReference[] = []
  const outputs = outputCounter()
  for (const { source, type, index, targets } of outputLists(connections, unmapped)) {
    const port = portOf('out', { type, index })
    const from = find(source)
    if (from?.kind === 'step') outputs.list(from.id, port)
    for (const target of targets) {
      const reference = { source, port, sourceType: type, target }
      const read = readReference(reference, from, find, unmapped)
      if ('why' in read) dangling.push(read)
      else {
        const key = connectionKey(read)
        if (byKey.has(key)) {
          unmapped.add('A connection that is listed twice', 'It counts once.', shown(source))
        }
        byKey.set(key, read)
        outputs.use(read.from.stepId, port)
      }
      if (byKey.size + dangling.length > importLimits.connections) return null
    }
  }
  return { connections: [...byKey.values()], dangling, lastOutputs: outputs.unusedLast() }
}

interface OutputList {
  readonly source: string
  readonly type: string
  readonly index: number
  readonly targets: readonly unknown[]
}

/** Every output that has targets, and the last of each type though it have none. */
function* outputLists(connections: unknown, unmapped: UnmappedParts): Generator<OutputList> {
  if (!isRecord(connections)) return
  for (const [source, byType] of Object.entries(connections)) {
    if (!isRecord(byType)) {
      if (byType != null) reportOddList(unmapped, source)
      continue
    }
    for (const [rawType, lists] of Object.entries(byType)) {
      const type = cleanText(rawType, reportCleaning(unmapped, shown(source)))
      if (!Array.isArray(lists)) {
        if (lists != null) reportOddList(unmapped, source)
        continue
      }
      const last = Math.min(lists.length - 1, lastIndexOf(type))
      for (const [index, list] of (lists as unknown[]).entries()) {
        // The first n8n versions wrote a single target without a list around it.
        const targets = Array.isArray(list) ? list : isRecord(list) ? [list] : []
        if (targets.length > 0 || index === last) yield { source, type, index, targets }
      }
    }
  }
}

function reportOddList(unmapped: UnmappedParts, source: string): void {
  unmapped.add('Connections that are no list', 'They were left out.', shown(source))
}

function readReference(
  { source, port, sourceType, target }: Reference,
  from: FoundNode | null,
  find: Find,
  unmapped: UnmappedParts,
): ConnectionEnds | DanglingReference {
  const name = isRecord(target) ? referenceOf(target['node']) : null
  const ends = { from: shown(source), fromPort: port, to: shown(name ?? '?') }
  if (!isRecord(target) || name === null) {
    return { ...ends, toPort: '?', why: 'It does not say to which node it leads.' }
  }
  const { type = sourceType, index = 0 } = target
  const isIndex = typeof index === 'number' && Number.isSafeInteger(index) && index >= 0
  if (!isIndex) {
    const why = 'The connection leads to the first input.'
    unmapped.add('An input whose index is no number from 0', why, shown(source))
  }
  const toType = typeof type === 'string' ? cleanText(type) : sourceType
  const toPort = portOf('in', { type: toType, index: isIndex ? index : 0 })
  const to = find(name)
  const why = whyDangling([ends.from, from], [ends.to, to])
  if (why !== null) return { ...ends, toPort, why }
  return {
    from: { stepId: from!.id as StepId, port },
    to: { stepId: to!.id as StepId, port: toPort },
  }
}

type NamedNode = readonly [name: string, node: FoundNode | null]

function whyDangling(...ends: readonly [NamedNode, NamedNode]): string | null {
  const missing = ends.filter(([, node]) => node === null)
  if (missing.length > 0) {
    return `The file has no node ${missing.map(([name]) => `"${name}"`).join(' and no node ')}.`
  }
  const note = ends.find(([, node]) => node?.kind === 'note')
  return note ? `"${note[0]}" is a note.` : null
}

function shown(name: string): string {
  return cutText(cleanText(name), 200)
}

/** Compares the last output of each type that a step lists with the last one it uses. */
function outputCounter() {
  const steps = new Map<string, Map<string, { listed: number; used: number }>>()
  const countOf = (stepId: string, port: string, at: 'listed' | 'used'): void => {
    // By way of the port's name: two spellings of one port must not count apart.
    const { type, index } = n8nPortOf('out', port)
    const types = steps.get(stepId) ?? new Map<string, { listed: number; used: number }>()
    const count = types.get(type) ?? { listed: -1, used: -1 }
    count[at] = Math.max(count[at], index)
    steps.set(stepId, types.set(type, count))
  }
  return {
    list: (stepId: string, port: string) => countOf(stepId, port, 'listed'),
    use: (stepId: string, port: string) => countOf(stepId, port, 'used'),
    unusedLast(): Map<string, string[]> {
      const unused = new Map<string, string[]>()
      for (const [stepId, types] of steps) {
        const ports = [...types]
          .filter(([, { listed, used }]) => listed > used)
          .map(([type, { listed }]) => portOf('out', { type, index: listed }))
          .sort()
        if (ports.length > 0) unused.set(stepId, ports.slice(0, UNUSED_PORTS))
      }
      return unused
    },
  }
}
