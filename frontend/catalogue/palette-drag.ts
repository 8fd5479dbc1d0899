/** A kind on its way from the palette to the canvas, as the browser's drag and drop carries it. */

const KIND_TYPE = 'application/x-tributary-step-kind'

/** Puts a kind into a drag that starts: for `dragstart` of a palette entry. */
export function carryKind(event: DragEvent, kind: string): void {
  if (!event.dataTransfer) return
  event.dataTransfer.setData(KIND_TYPE, kind)
  event.dataTransfer.effectAllowed = 'copy'
}

/** Whether a drag carries a kind; which one is known only on drop. */
export function carriesKind(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes(KIND_TYPE) ?? false
}

export function droppedKind(event: DragEvent): string | null {
  return event.dataTransfer?.getData(KIND_TYPE) || null
}
