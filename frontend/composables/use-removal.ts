/** Removes what the inspector shows: the canvas then has the focus, since the button goes with it. */
import type { Command } from '../../domain/pipeline/commands.ts'
import { useEditor } from '../stores/editor.ts'
import { useCanvasHandle } from './use-canvas-handle.ts'

export function useRemoval() {
  const editor = useEditor()
  const canvas = useCanvasHandle()
  return async (command: Extract<Command, { type: 'Remove' | 'Disconnect' }>): Promise<void> => {
    if (await editor.run(command)) canvas.value?.focus()
  }
}
