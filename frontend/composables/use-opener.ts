/**
 * Who opened something, so that the focus can go back there when it closes. An entry of a menu, or a
 * button of a popover, is gone by then: the button that opened the menu stands for it.
 */
import { watch, type Ref } from 'vue'

/** @returns gives the focus back; where the opener is gone, it stays where it is */
export function useOpener(open: Ref<boolean>): () => void {
  let opener: HTMLElement | null = null
  // At once: the menu closes with the same click.
  watch(
    open,
    (opens) => {
      if (opens) opener = lasting(document.activeElement)
    },
    { immediate: true, flush: 'sync' },
  )
  return () => {
    if (opener?.isConnected) opener.focus()
  }
}

function lasting(element: Element | null): HTMLElement | null {
  const popup = element?.closest('[role="menu"], [role="dialog"]')
  const button = document.getElementById(popup?.getAttribute('aria-labelledby') ?? '')
  return (button?.matches('button') ? button : element) as HTMLElement | null
}
