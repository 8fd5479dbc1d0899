import type { ConnectionEnds } from '../../domain/events/pipeline-events.ts'
import { effectiveGraph } from '../../domain/pipeline/effective-graph.ts'
import { connectionKey } from '../../domain/pipeline/effects.ts'
import { exists, fieldOf, graphRuleOf, type PipelineState } from '../../domain/pipeline/state.ts'

/** Why two ports cannot be connected, in one sentence for the pointer; null where they can. */
export function whyNotConnect(state: PipelineState, ends: ConnectionEnds): string | null {
  const known = state.connections.get(connectionKey(ends))
  if (known && exists(known)) return 'Connected already'
  if (graphRuleOf(state) === 'free') return null
  const path = effectiveGraph(state).pathBack(ends)
  if (!path) return null
  const over = path.slice(0, -1).map(({ to }) => to.stepId)
  const via = over[0] === undefined ? undefined : state.steps.get(over[0])
  return via
    ? `It would close a cycle over ${fieldOf(via, 'name', 'another step')}`
    : 'It would close a cycle'
}
