/** Adds an empty note in the middle of what is seen. */
import { nextTick } from 'vue'
import type { NoteId } from '../../domain/ids.ts'
import { useServices } from '../session/services.ts'
import { useEditor } from '../stores/editor.ts'
import { useSelection } from '../stores/selection.ts'
import { useCanvasHandle } from './use-canvas-handle.ts'

const SIZE = { width: 240, height: 100 }

export function useAddNote(): () => Promise<void> {
  const { newId } = useServices()
  const editor = useEditor()
  const selection = useSelection()
  const canvas = useCanvasHandle()
  return async () => {
    const centre = canvas.value?.viewportCentre() ?? { x: 0, y: 0 }
    const noteId = newId() as NoteId
    const placement = {
      x: Math.round(centre.x - SIZE.width / 2),
      y: Math.round(centre.y - SIZE.height / 2),
    }
    const made = await editor.run({ type: 'AddNote', noteId, text: '', placement, size: SIZE })
    if (!made) return
    selection.selectNote(noteId)
    await nextTick()
    canvas.value?.editNote(noteId)
  }
}
