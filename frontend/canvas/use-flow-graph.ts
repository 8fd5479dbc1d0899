/**
 * Keeps Vue Flow's graph equal to the domain's view, except while a hand is on it.
 *
 *     following --hold()--> held --release()--> settling --view changes, or 600 ms--> following
 *
 * Held, what arrives waits: a step that somebody else removes must not vanish from under a drag, nor
 * jump back to where it was. Settling, the canvas goes on showing what the person did until the
 * domain answers; if it answers with nothing, what it shows is the domain's again.
 */
import { computed, onScopeDispose, ref, watch, type ComputedRef } from 'vue'
import type { Node, NodeChange, VueFlowStore } from './flow.ts'
import { createFlowMapper, type FlowGraph, type GraphView } from './flow-graph.ts'

const SETTLE_MS = 600

export interface HeldGraph {
  readonly graph: ComputedRef<FlowGraph>
  /** Counts how often the domain's view was put on the canvas: to be watched. */
  readonly applied: Readonly<{ value: number }>
  hold(): void
  /** Ends a hold; with `changed`, the domain was asked to follow. */
  release(changed: boolean): void
}

export function useFlowGraph(flow: VueFlowStore, view: () => GraphView): HeldGraph {
  const map = createFlowMapper()
  const graph = computed(() => map(view()))
  const applied = ref(0)
  let held = false
  let settling: ReturnType<typeof setTimeout> | undefined
  let shown: FlowGraph = { nodes: [], edges: [] }

  const apply = (evenIfSame: boolean) => {
    clearTimeout(settling)
    settling = undefined
    const { nodes, edges } = graph.value
    if (!sameIds(nodes, shown.nodes)) flow.setNodes(nodes)
    else {
      nodes.forEach((node, index) => {
        if (evenIfSame || node !== shown.nodes[index]) flow.updateNode(node.id, node)
      })
    }
    if (edges !== shown.edges) flow.setEdges(edges)
    shown = { nodes, edges }
    applied.value += 1
  }

  watch(graph, () => held || apply(settling !== undefined), { immediate: true })
  flow.onNodesChange((changes) => flow.applyNodeChanges(changes.filter(isMeasure)))
  onScopeDispose(() => clearTimeout(settling))

  return {
    graph,
    applied,
    hold() {
      clearTimeout(settling)
      settling = undefined
      held = true
    },
    release(changed) {
      held = false
      if (changed) settling = setTimeout(() => apply(true), SETTLE_MS)
      else apply(true)
    },
  }
}

/** The changes that are Vue Flow's own: measured sizes, and positions during a drag. */
const isMeasure = (change: NodeChange) => change.type === 'position' || change.type === 'dimensions'

/** Then one edit costs one node; setting all of them costs as many as there are. */
function sameIds(nodes: readonly Node[], others: readonly Node[]): boolean {
  return nodes.length === others.length && nodes.every(({ id }, at) => id === others[at]!.id)
}
