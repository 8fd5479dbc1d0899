/**
 * Gives the focus to a part of the page that is no control. It takes the focus this once only: with a
 * lasting tabindex a click on its ground would take the keys from the canvas.
 */
export function focusRegion(region: HTMLElement): void {
  region.tabIndex = -1
  region.focus()
  region.addEventListener('blur', () => region.removeAttribute('tabindex'), { once: true })
}
