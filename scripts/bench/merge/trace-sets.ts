/**
 * Which steps and edges a merge has to end with: what makes a figure worth printing.
 *
 * A removal wins over whatever is concurrent to it, and an edge without both of its steps does not
 * count. No identity comes twice in a trace, so that plain sets in the order of delivery are enough.
 */
import type { Trace, TraceEdge } from './trace.ts'

export interface TraceSets {
  /** Sorted. */
  readonly stepIds: readonly string[]
  /** Sorted; only edges that have both steps. */
  readonly edgeIds: readonly string[]
}

/** The sets of some steps and edges, from which edges without both steps are left out. */
export function setsOf(stepIds: Iterable<string>, edges: Iterable<TraceEdge>): TraceSets {
  const steps = new Set(stepIds)
  const edgeIds = [...edges].filter(({ from, to }) => steps.has(from) && steps.has(to))
  return { stepIds: [...steps].sort(), edgeIds: edgeIds.map(({ id }) => id).sort() }
}

/** The sets after the first `count` operations of a trace. */
export function setsAfter({ initial, ops }: Trace, count: number): TraceSets {
  const steps = new Set(Object.keys(initial.steps))
  const edges = new Map(Object.entries(initial.edges))
  for (const op of ops.slice(0, count)) {
    if (op.type === 'addStep') steps.add(op.step.id)
    else if (op.type === 'addEdge') edges.set(op.edge.id, op.edge)
    else if (op.type === 'deleteEdge') edges.delete(op.edgeId)
    else if (op.type === 'deleteStep') {
      steps.delete(op.stepId)
      for (const edgeId of op.cascade) edges.delete(edgeId)
    }
  }
  return setsOf(steps, edges.values())
}

/** Null where both are the same, else what is different, as one sentence. */
export function differenceOf(reached: TraceSets, expected: TraceSets): string | null {
  const parts = (['stepIds', 'edgeIds'] as const).flatMap((kind) => {
    const [has, wants] = [new Set(reached[kind]), new Set(expected[kind])]
    const extra = [...has].filter((id) => !wants.has(id))
    const missing = [...wants].filter((id) => !has.has(id))
    if (extra.length + missing.length === 0) return []
    return [
      `${kind}: ${missing.length} missing (${missing[0]}), ${extra.length} more (${extra[0]})`,
    ]
  })
  return parts.length === 0 ? null : parts.join('; ')
}
