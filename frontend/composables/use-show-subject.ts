/** Selects on the canvas what an edit was about, where it is still there. */
import type { HistoryEntry } from '../../domain/pipeline/history.ts'
import { connectionKey } from '../../domain/pipeline/effects.ts'
import { useEditor } from '../stores/editor.ts'
import { useSelection } from '../stores/selection.ts'
import { useCanvasHandle } from './use-canvas-handle.ts'

export function useShowSubject(): (entry: HistoryEntry) => void {
  const editor = useEditor()
  const selection = useSelection()
  const canvas = useCanvasHandle()
  return ({ subject: { kind, id } }) => {
    if (kind === 'step' && editor.stepsById.has(id)) selection.selectSteps(id)
    else if (kind === 'note' && editor.notesById.has(id)) selection.selectNote(id)
    else if (kind === 'connection') return showConnection(id)
    else return
    canvas.value?.centreOn(id)
  }

  function showConnection(key: string): void {
    const connection = editor.connections.find((one) => connectionKey(one) === key)
    if (!connection) return
    selection.selectConnection(connection)
    canvas.value?.fitView([connection.from.stepId, connection.to.stepId])
  }
}
