/**
 * Gives the focus to a card, else to the canvas: a new card takes none before it is measured. The
 * page is not scrolled to it, since the canvas moves by its own viewport.
 */
export function focusNode(root: HTMLElement | null, nodeId: string | null): void {
  const card =
    nodeId === null
      ? null
      : root?.querySelector<HTMLElement>(`.vue-flow__node[data-id="${CSS.escape(nodeId)}"]`)
  card?.focus({ preventScroll: true })
  if (!card || document.activeElement !== card) root?.focus({ preventScroll: true })
}
