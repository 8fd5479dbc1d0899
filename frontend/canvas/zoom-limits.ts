/** How far and how close the canvas can be seen from. */
import type { Size } from '../../domain/events/pipeline-events.ts'
import { around, type Rect } from './minimap.ts'

/** Further away a card is a few pixels wide: far enough for most pipelines. */
export const MIN_ZOOM = 0.08
export const MAX_ZOOM = 2
/** A card is four pixels wide there; what needs more than this is a cloud either way. */
const FARTHEST_ZOOM = 0.02
/** What stays free around what is fitted, as a share of its size. */
export const FIT_PADDING = 0.14

/** The zoom that shows everything, where that is less than the usual least. */
export function leastZoom(things: readonly Rect[], view: Size): number {
  if (things.length === 0 || view.width === 0 || view.height === 0) return MIN_ZOOM
  const { width, height } = around(things)
  const fitting = Math.min(view.width / width, view.height / height) / (1 + FIT_PADDING)
  return Math.max(FARTHEST_ZOOM, Math.min(MIN_ZOOM, fitting))
}

/**
 * One turn of the wheel is about a fifth; a pinch on a touchpad comes as many small turns.
 *
 * @param least what the zoom does not go below
 */
export function zoomAfterWheel(
  zoom: number,
  { deltaY, deltaMode }: Pick<WheelEvent, 'deltaY' | 'deltaMode'>,
  least: number = MIN_ZOOM,
): number {
  const pixels = deltaMode === 1 ? deltaY * 20 : deltaY
  const factor = 2 ** (-Math.max(-120, Math.min(120, pixels)) / 380)
  return Math.max(least, Math.min(MAX_ZOOM, zoom * factor))
}
