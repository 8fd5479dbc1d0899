import { onMounted, onScopeDispose, ref, type Ref } from 'vue'
import { isTyping, keyCommand, type KeyCommand } from './canvas-keys.ts'

export interface CanvasKeys {
  /** While it is held, dragging pans wherever it starts. */
  readonly spaceHeld: Ref<boolean>
}

/**
 * Listens on the document, so that keys also work right after a click on nothing; but only to what
 * happens on the canvas or on nothing at all, never to another control's keys.
 */
export function useCanvasKeys(
  root: Ref<HTMLElement | null>,
  obey: (command: KeyCommand) => boolean,
  nudgeEnded: () => void,
): CanvasKeys {
  const spaceHeld = ref(false)

  const isOurs = ({ target }: KeyboardEvent) =>
    target === document.body || (target instanceof Node && root.value?.contains(target))
  const down = (event: KeyboardEvent) => {
    if (!isOurs(event) || isTyping(event.target)) return
    if (event.key === ' ') spaceHeld.value = true
    if (event.defaultPrevented) return
    const command = keyCommand(event)
    if (!command || (command.do === 'open' && isControl(event.target))) return
    if (obey(command)) event.preventDefault()
  }
  const up = (event: KeyboardEvent) => {
    if (event.key === ' ') spaceHeld.value = false
    if (event.key.startsWith('Arrow')) nudgeEnded()
  }
  const left = () => (spaceHeld.value = false)

  onMounted(() => {
    document.addEventListener('keydown', down)
    document.addEventListener('keyup', up)
    window.addEventListener('blur', left)
  })
  onScopeDispose(() => {
    document.removeEventListener('keydown', down)
    document.removeEventListener('keyup', up)
    window.removeEventListener('blur', left)
  })
  return { spaceHeld }
}

const isControl = (target: EventTarget | null) =>
  target instanceof Element && target.closest('button, a') !== null
