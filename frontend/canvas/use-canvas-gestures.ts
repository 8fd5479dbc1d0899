/** What clicks, the wheel, the focus and a drop on the canvas mean. */
import type { Ref } from 'vue'
import { carriesKind, droppedKind } from '../catalogue/palette-drag.ts'
import type { Placement } from '../../domain/events/pipeline-events.ts'
import type { EdgeMouseEvent, NodeMouseEvent, VueFlowStore } from './flow.ts'
import { noteIdOf, type Wire } from './flow-graph.ts'
import { STEP_HEIGHT, STEP_WIDTH, snapped } from './geometry.ts'
import type { CanvasSelecting } from './use-canvas-selection.ts'
import type { CanvasView } from './use-canvas-view.ts'

interface GestureParts {
  readonly flow: VueFlowStore
  readonly view: CanvasView
  readonly selecting: CanvasSelecting
  readonly editing: Ref<string | null>
  readonly readOnly: () => boolean
  openInspector(stepId: string): void
  add(step: { readonly kind: string; readonly placement: Placement }): void
}

export interface CanvasGestures {
  nodeClicked(gesture: NodeMouseEvent): void
  nodeDoubleClicked(gesture: NodeMouseEvent): void
  wireClicked(gesture: EdgeMouseEvent): void
  paneClicked(): void
  focused(event: FocusEvent): void
  wheeled(event: WheelEvent): void
  draggedOver(event: DragEvent): void
  dropped(event: DragEvent): void
}

export function useCanvasGestures(parts: GestureParts): CanvasGestures {
  const { flow, view, selecting, readOnly } = parts
  return {
    nodeClicked({ event, node }) {
      if (!event.shiftKey && !event.ctrlKey && !event.metaKey) selecting.selectNodes([node.id])
    },
    nodeDoubleClicked({ node }) {
      if (noteIdOf(node.id) === null) parts.openInspector(node.id)
      else if (!readOnly()) parts.editing.value = node.id
    },
    wireClicked({ event, edge }) {
      const { connection } = edge.data as Wire
      selecting.selectConnections([connection], event.shiftKey)
    },
    paneClicked() {
      flow.endConnection(undefined, true)
      selecting.clear()
    },
    /** Tab selects what it comes to, and brings it into view. */
    focused({ target }) {
      if (!(target instanceof HTMLElement) || !target.matches('.vue-flow__node:focus-visible'))
        return
      const nodeId = target.dataset['id']!
      if (!selecting.keys.value.nodes.has(nodeId)) selecting.selectNodes([nodeId])
      view.reveal(nodeId)
    },
    wheeled(event) {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      event.stopPropagation()
      view.zoomAt(event)
    },
    draggedOver(event) {
      if (!readOnly() && carriesKind(event)) event.preventDefault()
    },
    dropped(event) {
      const kind = droppedKind(event)
      if (kind === null || readOnly()) return
      event.preventDefault()
      const { x, y } = view.toCanvas(event)
      const placement = snapped({ x: x - STEP_WIDTH / 2, y: y - STEP_HEIGHT / 2 })
      parts.add({ kind, placement })
    },
  }
}
