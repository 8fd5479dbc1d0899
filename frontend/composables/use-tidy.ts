/** Lays the steps out anew, those that are selected or all: one gesture. */
import { useServices } from '../session/services.ts'
import { useEditor } from '../stores/editor.ts'
import { useSelection } from '../stores/selection.ts'
import { useCanvasHandle } from './use-canvas-handle.ts'

export function useTidy(): () => Promise<void> {
  const { notify } = useServices()
  const editor = useEditor()
  const selection = useSelection()
  const canvas = useCanvasHandle()
  return async () => {
    const { tidyMoves } = await import('../canvas/tidy-moves.ts')
    const { LayoutError } = await import('../canvas/layout-client.ts')
    const chosen = new Set<string>(selection.stepIds.length > 1 ? selection.stepIds : [])
    const { connections } = editor
    const view =
      chosen.size === 0
        ? { steps: editor.steps, connections, notes: editor.notes }
        : { steps: editor.steps.filter(({ id }) => chosen.has(id)), connections, notes: [] }
    try {
      const moves = await tidyMoves(view)
      if (moves.length > 0 && (await editor.run({ type: 'Move', moves }))) canvas.value?.fitView()
    } catch (error) {
      if (!(error instanceof LayoutError)) throw error
      notify({ tone: 'bad', text: error.message })
    }
  }
}
