/** Adds an empty note near the middle of what is seen, where it lies on nothing else. */
import { nextTick } from 'vue'
import type { NoteId } from '../../domain/ids.ts'
import { STEP_HEIGHT, STEP_WIDTH } from '../canvas/geometry.ts'
import { freePlace } from '../components/palette/free-place.ts'
import { useServices } from '../session/services.ts'
import { useEditor } from '../stores/editor.ts'
import { useSelection } from '../stores/selection.ts'
import { useCanvasHandle } from './use-canvas-handle.ts'

const SIZE = { width: 240, height: 100 }
const STEP_SIZE = { width: STEP_WIDTH, height: STEP_HEIGHT }

export function useAddNote(): () => Promise<void> {
  const { newId } = useServices()
  const editor = useEditor()
  const selection = useSelection()
  const canvas = useCanvasHandle()
  return async () => {
    const centre = canvas.value?.viewportCentre() ?? { x: 0, y: 0 }
    const noteId = newId() as NoteId
    const cards = editor.steps.map(({ placement }) => ({ placement, size: STEP_SIZE }))
    const placement = freePlace(centre, SIZE, [...cards, ...editor.notes])
    const made = await editor.run({ type: 'AddNote', noteId, text: '', placement, size: SIZE })
    if (!made) return
    selection.selectNote(noteId)
    await nextTick()
    canvas.value?.editNote(noteId)
  }
}
