import type { Directive } from 'vue'

/** Puts the focus into an input that appears because somebody asked for it. */
export const vFocus: Directive<HTMLElement, void> = { mounted: (element) => element.focus() }
