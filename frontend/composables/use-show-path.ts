/** Shows on the canvas which path stands in a connection's way. */
import type { ConnectionEnds } from '../../domain/events/pipeline-events.ts'
import { useUi } from '../stores/ui.ts'
import { useCanvasHandle } from './use-canvas-handle.ts'

export function useShowPath(): (path: readonly ConnectionEnds[]) => void {
  const ui = useUi()
  const canvas = useCanvasHandle()
  return (path) => {
    ui.shownPath = path
    ui.sheet = null
    canvas.value?.fitView(path.flatMap(({ from, to }) => [from.stepId, to.stepId]))
  }
}
