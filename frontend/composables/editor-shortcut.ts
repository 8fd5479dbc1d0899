/** What a key does in the editor, wherever the focus is; the canvas has keys of its own besides. */
import type { Keystroke } from '../canvas/canvas-keys.ts'

export type EditorShortcut =
  'undo' | 'redo' | 'select-all' | 'fit' | 'add' | 'help' | 'toggle-enabled'

/** The shortcut of a keystroke; null where it is the browser's or the canvas's. */
export function editorShortcut(stroke: Keystroke): EditorShortcut | null {
  if (stroke.altKey) return null
  const key = stroke.key.length === 1 ? stroke.key.toLowerCase() : stroke.key
  if (stroke.ctrlKey || stroke.metaKey) {
    if (key === 'z') return stroke.shiftKey ? 'redo' : 'undo'
    if (stroke.shiftKey) return null
    return key === 'y' ? 'redo' : key === 'a' ? 'select-all' : null
  }
  if (key === '?') return 'help'
  if (stroke.shiftKey) return null
  return key === 'n' ? 'add' : key === 'f' ? 'fit' : key === 'd' ? 'toggle-enabled' : null
}

export interface ShortcutHelp {
  readonly keys: readonly string[]
  readonly what: string
}

/** The help sheet, by group. */
export const SHORTCUT_HELP: readonly {
  readonly title: string
  readonly shortcuts: readonly ShortcutHelp[]
}[] = [
  {
    title: 'Edit',
    shortcuts: [
      { keys: ['Ctrl Z'], what: 'Undo what you did last' },
      { keys: ['Ctrl Shift Z', 'Ctrl Y'], what: 'Redo' },
      { keys: ['Delete'], what: 'Remove what is selected' },
      { keys: ['F2'], what: 'Rename the step' },
      { keys: ['D'], what: 'Enable or disable the selected steps' },
      { keys: ['Enter'], what: 'Open the step’s settings' },
      { keys: ['N'], what: 'Add a step' },
    ],
  },
  {
    title: 'Select and move',
    shortcuts: [
      { keys: ['Ctrl A'], what: 'Select everything' },
      { keys: ['Shift click', 'Ctrl click'], what: 'Add to the selection' },
      { keys: ['Shift drag'], what: 'Select what a rectangle touches' },
      { keys: ['Esc'], what: 'Select nothing' },
      { keys: ['Arrows'], what: 'Move the selection; with Shift further' },
      { keys: ['Tab'], what: 'Go from step to step' },
    ],
  },
  {
    title: 'Look around',
    shortcuts: [
      { keys: ['Space drag'], what: 'Move the view, wherever the drag starts' },
      { keys: ['F', '1'], what: 'Show the whole pipeline' },
      { keys: ['0'], what: 'Full size' },
      { keys: ['+', '−'], what: 'Closer, further' },
      { keys: ['?'], what: 'This help' },
    ],
  },
]
