/**
 * Keeps the focus among a list's controls when the one that has it goes, as an entry does once it is
 * dealt with: the next one takes its place. Without it the focus falls out of the list.
 */
import { onBeforeUpdate, onUpdated, type Ref } from 'vue'
import { focusRegion } from './focus-region.ts'

const CONTROLS = 'button:enabled, input:enabled, select:enabled, textarea:enabled, a[href]'

/** @param root the list; it takes the focus itself once nothing is left in it */
export function useKeptFocus(root: Readonly<Ref<HTMLElement | null>>): void {
  let at = -1
  const controls = () => [...(root.value?.querySelectorAll<HTMLElement>(CONTROLS) ?? [])]

  onBeforeUpdate(() => {
    at = controls().indexOf(document.activeElement as HTMLElement)
  })
  onUpdated(() => {
    if (at < 0 || document.activeElement !== document.body) return
    const left = controls()
    const next = left[Math.min(at, left.length - 1)]
    if (next) next.focus()
    else if (root.value) focusRegion(root.value)
  })
}
