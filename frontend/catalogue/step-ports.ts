/** Which ports a step shows: those of its kind, and any other that it uses. */
import type { JsonValue } from '../../domain/json.ts'
import { stepKind } from './step-kinds.ts'
import { words } from './words.ts'

export interface StepPorts {
  /** Names, in their order along the edge. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

export interface UsedPorts {
  readonly inputs: Iterable<string>
  readonly outputs: Iterable<string>
}

/** Ports of an import's numbered outputs are filled up to here; more no card can show. */
const MOST_FILLED = 32

/**
 * The ports of a step. One that is itself used by another (a model by an agent) has no part in the
 * flow, and shows only what hangs, and what it is connected by.
 */
export function portsOf(
  step: { readonly kind: string; readonly foreign?: JsonValue },
  used: UsedPorts,
): StepPorts {
  const kind = stepKind(step.kind)
  const inputs = new Set(used.inputs)
  const outputs = new Set(used.outputs)
  const isUsed = outputs.size > 0 && [...outputs].every(isAttachment)
  const own = (ports: readonly string[]) => (isUsed ? ports.filter(isAttachment) : ports)
  return {
    inputs: withUsed(own(kind.inputs), inputs),
    outputs: withUsed(own(kind.outputs), new Set([...outputs, ...importedOutputs(step.foreign)])),
  }
}

/**
 * Whether a port is about what a step uses (a model, a memory, a tool) rather than what flows through
 * it. Those hang below: such an input is on the lower edge of a card, such an output on the upper one.
 */
export function isAttachment(port: string): boolean {
  return port.startsWith('ai_')
}

const NUMBERED = /^(in|out)(0|[1-9]\d{0,2})$/

/** How a port is called on screen: "ai_languageModel" is "Model", "out2" is "3". */
export function portTitle(kindId: string, port: string): string {
  const titles = stepKind(kindId).portTitles
  if (titles && Object.hasOwn(titles, port)) return titles[port]!
  const numbered = NUMBERED.exec(port)
  if (numbered) return String(Number(numbered[2]) + 1)
  return ATTACHMENT_TITLES.get(port) ?? words(port.replace(/^ai_/, ''))
}

/** Short enough for four of them along a card. */
const ATTACHMENT_TITLES: ReadonlyMap<string, string> = new Map([
  ['ai_languageModel', 'Model'],
  ['ai_outputParser', 'Form'],
  ['ai_vectorStore', 'Store'],
  ['ai_textSplitter', 'Splitter'],
])

const natural = new Intl.Collator('en', { numeric: true })

function withUsed(own: readonly string[], used: ReadonlySet<string>): readonly string[] {
  const extra = [...used].filter((port) => !own.includes(port))
  return extra.length === 0 ? own : [...own, ...extra.sort(natural.compare)]
}

/** An imported step had outputs up to these, though nothing may be connected to them. */
function importedOutputs(foreign: JsonValue | undefined): string[] {
  if (foreign === null || typeof foreign !== 'object' || !('outputs' in foreign)) return []
  const { outputs } = foreign as { readonly outputs: JsonValue }
  if (!Array.isArray(outputs)) return []
  return outputs.flatMap((port: JsonValue) => {
    if (typeof port !== 'string') return []
    const last = NUMBERED.exec(port)
    if (!last) return [port]
    const count = Math.min(Number(last[2]) + 1, MOST_FILLED)
    return Array.from({ length: count }, (_, index) => `${last[1]}${index}`)
  })
}
