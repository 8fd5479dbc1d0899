/** What a key does on the canvas. */

export type KeyCommand =
  | { readonly do: 'nudge'; readonly x: number; readonly y: number }
  | {
      readonly do:
        | 'remove'
        | 'select-all'
        | 'clear'
        | 'fit'
        | 'zoom-in'
        | 'zoom-out'
        | 'zoom-reset'
        | 'open'
        | 'rename'
    }

export interface Keystroke {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** Lines of the grid that an arrow key moves the selection by: with Shift five. */
const LEAP = 5

const ARROWS: ReadonlyMap<string, readonly [x: number, y: number]> = new Map([
  ['ArrowLeft', [-1, 0]],
  ['ArrowRight', [1, 0]],
  ['ArrowUp', [0, -1]],
  ['ArrowDown', [0, 1]],
])

const PLAIN: ReadonlyMap<string, Exclude<KeyCommand['do'], 'nudge'>> = new Map([
  ['Delete', 'remove'],
  ['Backspace', 'remove'],
  ['Escape', 'clear'],
  ['Enter', 'open'],
  ['F2', 'rename'],
  ['f', 'fit'],
  ['1', 'fit'],
  ['0', 'zoom-reset'],
  ['+', 'zoom-in'],
  ['=', 'zoom-in'],
  ['-', 'zoom-out'],
])

/** The command of a keystroke; null: it is the page's, or the browser's. */
export function keyCommand(stroke: Keystroke): KeyCommand | null {
  const key = stroke.key.length === 1 ? stroke.key.toLowerCase() : stroke.key
  if (stroke.altKey) return null
  if (stroke.ctrlKey || stroke.metaKey) {
    return key === 'a' && !stroke.shiftKey ? { do: 'select-all' } : null
  }
  const arrow = ARROWS.get(key)
  if (arrow) {
    const lines = stroke.shiftKey ? LEAP : 1
    return { do: 'nudge', x: arrow[0] * lines, y: arrow[1] * lines }
  }
  const plain = PLAIN.get(key)
  return plain ? { do: plain } : null
}

/** Whether a keystroke is somebody's text, or belongs to a control of its own. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input, textarea, select, [role="textbox"]')
}
