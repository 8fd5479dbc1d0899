/** The connections of one step as a list, and what else it may lead to: all that a wire can do. */
import type { ConnectionEnds, Endpoint } from '../../../domain/events/pipeline-events.ts'
import { connectionKey } from '../../../domain/pipeline/effects.ts'
import type { ConnectionView, StepView } from '../../../domain/pipeline/view.ts'
import { shownPorts } from '../../canvas/laid-steps.ts'
import { refusal } from '../../canvas/wire-ends.ts'
import { isAttachment, type StepPorts } from '../../catalogue/step-ports.ts'
import { joinedWords, portWords } from '../../words/port-words.ts'

export interface ConnectedGraph {
  readonly steps: ReadonlyMap<string, StepView>
  readonly connections: readonly ConnectionView[]
  /** By step id. */
  readonly ports: ReadonlyMap<string, StepPorts>
}

export function connectedGraph(
  steps: readonly StepView[],
  connections: readonly ConnectionView[],
): ConnectedGraph {
  const byId = new Map(steps.map((step) => [step.id as string, step]))
  return { steps: byId, connections, ports: shownPorts(steps, connections) }
}

export interface ListedConnection {
  readonly key: string
  readonly ends: ConnectionEnds
  readonly way: 'from' | 'to'
  /** The step at the other end; null: it was removed. */
  readonly other: StepView | null
  /** Which ports it joins, where there are several. */
  readonly ports: string
  readonly suspended: boolean
}

/** What leads to a step, then what it leads to; a loop on itself once. */
export function connectionsOf(stepId: string, graph: ConnectedGraph): readonly ListedConnection[] {
  const incoming = graph.connections.filter(({ to }) => to.stepId === stepId)
  const outgoing = graph.connections.filter(
    ({ from, to }) => from.stepId === stepId && to.stepId !== stepId,
  )
  const listed = (way: 'from' | 'to') => (connection: ConnectionView) => ({
    key: connectionKey(connection),
    ends: { from: connection.from, to: connection.to },
    way,
    other: graph.steps.get(connection[way].stepId) ?? null,
    ports: joinedPorts(connection, graph),
    suspended: connection.status === 'suspended',
  })
  return [...incoming.map(listed('from')), ...outgoing.map(listed('to'))]
}

/** Which ports a connection joins, in words; of a step with one port there is nothing to say. */
export function joinedPorts({ from, to }: ConnectionEnds, graph: ConnectedGraph): string {
  return joinedWords(nameOfPort('output', from, graph), nameOfPort('input', to, graph))
}

/** What a port is called, where its step has several of its side; null where there is no choice. */
export function nameOfPort(
  side: 'input' | 'output',
  { stepId, port }: Endpoint,
  { steps, ports }: ConnectedGraph,
): string | null {
  const step = steps.get(stepId)
  const own = ports.get(stepId)?.[`${side}s`] ?? []
  // What a step uses is always named: a model goes in elsewhere than what flows.
  const isNamed = step && (own.length > 1 || (side === 'input' && isAttachment(port)))
  return isNamed ? portWords(step.kind, side, port) : null
}

export interface Target {
  readonly to: Endpoint
  readonly label: string
  /** Why it may not be connected so; null where it may. */
  readonly refused: string | null
}

const byLabel = new Intl.Collator('en', { numeric: true })

/** Every port of another step that an output could lead to and does not yet, by name. */
export function targetsOf(
  from: Endpoint,
  { steps, connections, ports }: ConnectedGraph,
  why: (ends: ConnectionEnds) => string | null,
): readonly Target[] {
  const taken = new Set(connections.map(connectionKey))
  const targets: Target[] = []
  for (const step of steps.values()) {
    if (step.id === from.stepId) continue
    const inputs = ports.get(step.id)!.inputs.filter((one) => fits(from.port, one))
    for (const port of inputs) {
      const to = { stepId: step.id, port } as Endpoint
      if (taken.has(connectionKey({ from, to }))) continue
      const which = inputs.length > 1 ? `, ${portWords(step.kind, 'input', port)}` : ''
      targets.push({ to, label: step.name + which, refused: refusal({ from, to }, why) })
    }
  }
  return targets.sort((a, b) => byLabel.compare(a.label, b.label))
}

/** A memory is offered to what remembers, and what flows to where things flow in. */
const fits = (output: string, input: string) =>
  isAttachment(output) ? input === output : !isAttachment(input)
