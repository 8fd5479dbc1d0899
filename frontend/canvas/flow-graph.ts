/**
 * The domain's view as the nodes and edges of Vue Flow: pure but for a memory of its last answer.
 *
 * What shows the same as before keeps its node object, and if nothing changed the arrays keep their
 * identity too. So one person's edit touches one card, however large the pipeline is, and it does not
 * matter whether the domain hands out new view objects or old ones.
 *
 * What changes often and by itself (selection, presence, conflict counts) is no part of a node: cards
 * look it up by id (canvas-context.ts).
 */
import { markRaw } from 'vue'
import type { ConnectionEnds, Placement } from '../../domain/events/pipeline-events.ts'
import { connectionKey } from '../../domain/pipeline/effects.ts'
import type { ConnectionView, NoteView, StepView } from '../../domain/pipeline/view.ts'
import { portsOf, type StepPorts } from '../catalogue/step-ports.ts'
import { stepKind } from '../catalogue/step-kinds.ts'
import { summaryOf } from '../catalogue/step-summary.ts'
import type { Edge, Node } from './flow.ts'
import { STEP_WIDTH, stepHeight } from './geometry.ts'

/** Connections of a port whose other end is gone. */
export interface Stub {
  readonly side: 'input' | 'output'
  readonly port: string
  readonly connections: readonly ConnectionEnds[]
}

/** What a step's card shows. */
export interface StepCard {
  readonly kind: string
  readonly name: string
  readonly summary: string
  readonly enabled: boolean
  readonly ports: StepPorts
  readonly stubs: readonly Stub[]
}

export interface NoteCard {
  readonly text: string
}

export interface Wire {
  readonly connection: ConnectionView
}

export interface GraphView {
  readonly steps: readonly StepView[]
  readonly connections: readonly ConnectionView[]
  readonly notes: readonly NoteView[]
}

export interface FlowGraph {
  readonly nodes: Node[]
  readonly edges: Edge[]
}

const NOTE_PREFIX = 'note:'

export const noteNodeId = (noteId: string): string => NOTE_PREFIX + noteId

/** The note's id behind a node's id; null for a step, whose node has the step's own id. */
export const noteIdOf = (nodeId: string): string | null =>
  nodeId.startsWith(NOTE_PREFIX) ? nodeId.slice(NOTE_PREFIX.length) : null

/** Vue Flow looks ports up by CSS selectors, and a port may have any name. */
export const handleId = (port: string): string => encodeURIComponent(port)
export const portOf = (handle: string | null | undefined): string =>
  decodeURIComponent(handle ?? '')

/** A mapping with a memory; one for each canvas. */
export function createFlowMapper(): (view: GraphView) => FlowGraph {
  const nodes = new Remembered<Node>()
  const edges = new Remembered<Edge>()
  let order: readonly string[] = []
  return ({ steps, connections, notes }) => {
    const usage = usageOf(steps, connections)
    const names = new Map(steps.map((step) => [step.id, step.name]))
    order = readingOrder(steps, order)
    const byId = new Map(steps.map((step) => [step.id, step]))
    const mapped = [
      ...order.map((id) => stepNode(byId.get(id)!, usage.get(id)!)),
      ...notes.map(noteNode),
    ]
    return {
      nodes: nodes.keep(mapped),
      edges: edges.keep(
        connections
          .filter(({ from, to }) => names.has(from.stepId) && names.has(to.stepId))
          .map((connection) => wireEdge(connection, names)),
      ),
    }
  }
}

/** What was answered last time, so that what is equal stays identical. */
class Remembered<T extends { id: string }> {
  private answer: T[] = []
  private byId = new Map<string, { readonly said: string; readonly thing: T }>()

  keep(things: readonly T[]): T[] {
    const next = new Map<string, { readonly said: string; readonly thing: T }>()
    const answer = things.map((thing) => {
      const said = JSON.stringify(thing)
      const before = this.byId.get(thing.id)
      const kept = before?.said === said ? before : { said, thing }
      next.set(thing.id, kept)
      return kept.thing
    })
    this.byId = next
    const same =
      answer.length === this.answer.length &&
      answer.every((thing, index) => thing === this.answer[index])
    if (!same) this.answer = answer
    return this.answer
  }
}

interface Usage {
  readonly inputs: Set<string>
  readonly outputs: Set<string>
  readonly stubs: Map<string, { side: Stub['side']; port: string; connections: ConnectionEnds[] }>
  count: number
}

function usageOf(
  steps: readonly StepView[],
  connections: readonly ConnectionView[],
): ReadonlyMap<string, Usage> {
  const usage = new Map<string, Usage>()
  for (const { id } of steps) {
    usage.set(id, { inputs: new Set(), outputs: new Set(), stubs: new Map(), count: 0 })
  }
  for (const { from, to } of connections) {
    const source = usage.get(from.stepId)
    const target = usage.get(to.stepId)
    source?.outputs.add(from.port)
    target?.inputs.add(to.port)
    if (source) source.count += 1
    if (target && target !== source) target.count += 1
    if (source && !target) addStub(source, 'output', from.port, { from, to })
    if (target && !source) addStub(target, 'input', to.port, { from, to })
  }
  return usage
}

function addStub(usage: Usage, side: Stub['side'], port: string, ends: ConnectionEnds): void {
  const key = `${side} ${port}`
  const stub = usage.stubs.get(key)
  if (stub) stub.connections.push(ends)
  else usage.stubs.set(key, { side, port, connections: [ends] })
}

/**
 * The order in which Tab visits the steps: left to right, then down. It is taken anew only when
 * steps come or go, because moving an element in the page takes the focus from it.
 */
function readingOrder(steps: readonly StepView[], before: readonly string[]): readonly string[] {
  const ids = new Set(steps.map((step) => step.id))
  if (before.length === ids.size && before.every((id) => ids.has(id))) return before
  return [...steps].sort((a, b) => compare(a.placement, b.placement)).map((step) => step.id)
}

const compare = (a: Placement, b: Placement) => a.x - b.x || a.y - b.y

function stepNode(step: StepView, usage: Usage): Node {
  const ports = portsOf(step, usage)
  const card: StepCard = {
    kind: step.kind,
    name: step.name,
    summary: summaryOf(step),
    enabled: step.enabled,
    ports,
    stubs: [...usage.stubs.values()],
  }
  const connections = usage.count === 1 ? '1 connection' : `${usage.count} connections`
  const disabled = step.enabled ? '' : ', disabled'
  return {
    id: step.id,
    type: 'step',
    position: { x: step.placement.x, y: step.placement.y },
    data: markRaw(card),
    style: { width: `${STEP_WIDTH}px`, height: `${stepHeight(ports)}px` },
    ariaLabel: `${stepKind(step.kind).title} ${step.name}, ${connections}${disabled}`,
  }
}

function noteNode(note: NoteView): Node {
  const card: NoteCard = { text: note.text }
  return {
    id: noteNodeId(note.id),
    type: 'note',
    position: { x: note.placement.x, y: note.placement.y },
    data: markRaw(card),
    style: { width: `${note.size.width}px`, height: `${note.size.height}px` },
    // Behind the steps and their wires: a note often frames a group of them.
    zIndex: -1,
    ariaLabel: `Note: ${note.text.slice(0, 80)}`,
  }
}

function wireEdge(connection: ConnectionView, names: ReadonlyMap<string, string>): Edge {
  const { from, to, status } = connection
  const wire: Wire = { connection }
  const state = status === 'suspended' ? ', suspended' : ''
  return {
    id: connectionKey(connection),
    type: 'wire',
    source: from.stepId,
    sourceHandle: handleId(from.port),
    target: to.stepId,
    targetHandle: handleId(to.port),
    // Not by Vue Flow: its marquee would take every wire that touches a selected step.
    selectable: false,
    focusable: false,
    data: markRaw(wire),
    ariaLabel: `Connection from ${names.get(from.stepId)} to ${names.get(to.stepId)}${state}`,
  }
}
