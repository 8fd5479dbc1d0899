/**
 * Where a dialog starts: in its first field; without one on its primary action, then on anything
 * that it offers, and on itself where it only has something to read. Never on Close, which stands
 * first in the page and is what nobody opened the dialog for.
 */
export function firstFocus(dialog: HTMLElement): HTMLElement {
  const places = [
    '.body :is(input, select, textarea):enabled',
    'footer .primary:enabled',
    '.body button:enabled',
    'footer button:enabled',
  ]
  for (const place of places) {
    const found = dialog.querySelector<HTMLElement>(place)
    if (found) return found
  }
  return dialog
}
