/**
 * n8n's card is 96 pixels wide and ours about twice that: at twice the distance from left to right
 * the picture keeps its proportions, and no two cards overlap that did not in n8n. A power of two,
 * so that there and back again is exactly the same number.
 */
const STRETCH = 2

/** A distance from left to right in an n8n file, as one on our canvas, in pixels. */
export const fromN8nWidth = (width: number): number => width * STRETCH

/** A distance from left to right on our canvas, as one in an n8n file, in pixels. */
export const toN8nWidth = (width: number): number => width / STRETCH
