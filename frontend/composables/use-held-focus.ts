/**
 * Holds the focus in a panel that shows something else: the control that had it is gone, so the panel
 * itself takes it, and Tab goes on from its beginning.
 */
import { onBeforeUpdate, onUpdated, type Ref } from 'vue'
import { focusRegion } from './focus-region.ts'

export function useHeldFocus(root: Readonly<Ref<HTMLElement | null>>): void {
  let inside = false
  onBeforeUpdate(() => {
    inside = root.value?.contains(document.activeElement) ?? false
  })
  onUpdated(() => {
    if (inside && root.value && document.activeElement === document.body) focusRegion(root.value)
  })
}
