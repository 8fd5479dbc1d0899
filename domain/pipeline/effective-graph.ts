/**
 * The effective graph (rule M5): which connections count, as a pure function of those that exist.
 *
 * Two people can each add a connection that is fine alone and closes a cycle together; no merge of
 * sets can prevent that (acyclicity is not invariant-confluent: Bailis et al., "Coordination
 * Avoidance in Database Systems", VLDB 2014). So the connections take turns by T of their earliest
 * addition, and one that would close a cycle is suspended with the path that blocks it. Because the
 * outcome depends on what exists now, a suspended connection revives when that path goes.
 */
import type { ConnectionEnds, GraphRule } from '../events/pipeline-events.ts'
import type { EffectiveGraph, GraphConnection } from './graph.ts'
import { exists, graphRuleOf, type Connection, type PipelineState } from './state.ts'
import { compareStamps } from './total-order.ts'

/** The effective graph of a state; computed once until an event changes it. */
export function effectiveGraph(state: PipelineState): EffectiveGraph {
  if (state.graph) return state.graph
  const graph = computeGraph(state)
  ;(state as { graph: EffectiveGraph | null }).graph = graph
  return graph
}

function computeGraph(state: PipelineState): EffectiveGraph {
  const rule = graphRuleOf(state)
  const outgoing = new Map<string, ConnectionEnds[]>()
  const connections = new Map<string, GraphConnection>()
  const inTurn = [...state.connections.values()]
    .filter(exists)
    .sort((a, b) => compareStamps(a.earliestAdd, b.earliestAdd))
  for (const connection of inTurn) {
    const placed = place(connection, state, rule, outgoing)
    connections.set(connection.key, placed)
    if (placed.status !== 'active') continue
    const from = connection.ends.from.stepId
    const siblings = outgoing.get(from)
    if (siblings) siblings.push(connection.ends)
    else outgoing.set(from, [connection.ends])
  }
  return { connections, outgoing }
}

function place(
  { key, ends }: Connection,
  state: PipelineState,
  rule: GraphRule,
  outgoing: ReadonlyMap<string, readonly ConnectionEnds[]>,
): GraphConnection {
  const from = state.steps.get(ends.from.stepId)
  const to = state.steps.get(ends.to.stepId)
  if (!from || !to || !exists(from) || !exists(to)) return { key, ends, status: 'dangling' }
  const blockedBy = rule === 'acyclic' ? pathBack(ends, outgoing) : null
  return blockedBy ? { key, ends, status: 'suspended', blockedBy } : { key, ends, status: 'active' }
}

/** The path of accepted connections that a connection would turn into a cycle; null if none. */
export function pathBack(
  ends: ConnectionEnds,
  outgoing: ReadonlyMap<string, readonly ConnectionEnds[]>,
): readonly ConnectionEnds[] | null {
  if (ends.from.stepId === ends.to.stepId) return []
  return shortestPath(ends.to.stepId, ends.from.stepId, outgoing)
}

/**
 * Breadth first, connections in the order of T: among shortest paths the first that is found is the
 * least when compared connection by connection, since each level is visited in that same order.
 */
function shortestPath(
  start: string,
  goal: string,
  outgoing: ReadonlyMap<string, readonly ConnectionEnds[]>,
): readonly ConnectionEnds[] | null {
  const cameBy = new Map<string, ConnectionEnds | null>([[start, null]])
  const queue = [start]
  // The queue grows while it is gone through.
  for (const stepId of queue) {
    for (const ends of outgoing.get(stepId) ?? []) {
      const reached = ends.to.stepId
      if (cameBy.has(reached)) continue
      cameBy.set(reached, ends)
      if (reached === goal) return pathTo(goal, cameBy)
      queue.push(reached)
    }
  }
  return null
}

function pathTo(goal: string, cameBy: ReadonlyMap<string, ConnectionEnds | null>) {
  const path: ConnectionEnds[] = []
  for (let at = cameBy.get(goal); at; at = cameBy.get(at.from.stepId)) path.unshift(at)
  return path
}
