/** The keys of the editor, wherever the focus is but in a text. */
import { useEventListener } from '@vueuse/core'
import type { Ref } from 'vue'
import type { StepId } from '../../domain/ids.ts'
import type { CanvasHandle } from '../canvas/intents.ts'
import { isTyping } from '../canvas/canvas-keys.ts'
import { useEditor } from '../stores/editor.ts'
import { useSelection } from '../stores/selection.ts'
import { useUi } from '../stores/ui.ts'
import { editorShortcut, type EditorShortcut } from './editor-shortcut.ts'

/** For the page that holds the canvas, since it is no child of it. */
export function useEditorShortcuts(
  canvas: Readonly<Ref<CanvasHandle | null>>,
  addStep: () => unknown,
): void {
  const editor = useEditor()
  const selection = useSelection()
  const ui = useUi()

  function toggleEnabled(): void {
    const stepIds = selection.stepIds
    if (stepIds.length === 0) return
    const enabled = stepIds.some((id) => editor.stepsById.get(id)?.enabled === false)
    void editor.run({ type: 'SetStepsEnabled', stepIds: stepIds as StepId[], enabled })
  }

  const actions: Record<EditorShortcut, () => unknown> = {
    undo: () => editor.undo(),
    redo: () => editor.redo(),
    'select-all': () => selection.selectAll(),
    fit: () => canvas.value?.fitView(),
    add: addStep,
    help: () => (ui.dialog = 'help'),
    'toggle-enabled': toggleEnabled,
  }

  // On the window: the canvas listens on the document, and has marked what it took.
  useEventListener(window, 'keydown', (event) => {
    if (event.defaultPrevented || isTyping(event.target) || ui.dialog !== null) return
    const shortcut = editorShortcut(event)
    if (!shortcut || (editor.readOnly && EDITING.has(shortcut))) return
    event.preventDefault()
    void actions[shortcut]()
  })
}

const EDITING: ReadonlySet<EditorShortcut> = new Set(['undo', 'redo', 'toggle-enabled'])
