/** Dragging and nudging: many small steps on the screen, one intent when the gesture ends. */
import { onScopeDispose, ref, type Ref } from 'vue'
import type { NodeDragEvent, VueFlowStore } from './flow.ts'
import { GRID, snapped } from './geometry.ts'
import type { CanvasMove } from './intents.ts'
import { itemOf } from './use-canvas-selection.ts'
import type { HeldGraph } from './use-flow-graph.ts'

export interface CanvasMoves {
  readonly dragging: Ref<boolean>
  dragStarted(): void
  dragStopped(event: Pick<NodeDragEvent, 'nodes'>): void
  /** Moves what is selected by lines of the grid; `nudgeEnded` makes it an intent. */
  nudge(x: number, y: number): void
  nudgeEnded(): void
}

export function useCanvasMoves(
  flow: VueFlowStore,
  held: HeldGraph,
  selectedNodes: () => ReadonlySet<string>,
  move: (moves: readonly CanvasMove[]) => void,
): CanvasMoves {
  const dragging = ref(false)
  let nudged: ReadonlySet<string> | null = null

  const finish = (nodeIds: Iterable<string>) => {
    const moves = movesOf(nodeIds)
    if (moves.length > 0) move(moves)
    held.release(moves.length > 0)
  }
  const movesOf = (nodeIds: Iterable<string>): CanvasMove[] => {
    const before = new Map(held.graph.value.nodes.map((node) => [node.id, node.position]))
    return [...nodeIds].flatMap((id) => {
      const was = before.get(id)
      const now = flow.findNode(id)?.position
      if (!was || !now || (was.x === now.x && was.y === now.y)) return []
      return [{ ...itemOf(id), placement: { x: now.x, y: now.y } }]
    })
  }
  const nudgeEnded = () => {
    if (!nudged) return
    const ids = nudged
    nudged = null
    finish(ids)
  }

  // The key may come up over another window.
  window.addEventListener('blur', nudgeEnded)
  onScopeDispose(() => window.removeEventListener('blur', nudgeEnded))

  return {
    dragging,
    dragStarted() {
      nudgeEnded()
      dragging.value = true
      held.hold()
    },
    dragStopped({ nodes }) {
      dragging.value = false
      finish(nodes.map((node) => node.id))
    },
    nudge(x, y) {
      const ids = selectedNodes()
      if (ids.size === 0) return
      if (!nudged) held.hold()
      nudged = new Set([...(nudged ?? []), ...ids])
      for (const id of ids) {
        const node = flow.findNode(id)
        if (!node) continue
        node.position = snapped({ x: node.position.x + x * GRID, y: node.position.y + y * GRID })
      }
    },
    nudgeEnded,
  }
}
