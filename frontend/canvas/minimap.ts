/** The overview in the corner: where things lie, and which part of them is in view. */

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The smallest rectangle around all of them; they are at least one. */
export function around(rects: readonly Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x))
  const y = Math.min(...rects.map((rect) => rect.y))
  const right = Math.max(...rects.map((rect) => rect.x + rect.width))
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height))
  return { x, y, width: right - x, height: bottom - y }
}

/** A rectangle grown to the shape of a frame, with its content in the middle and room around it. */
export function framed(content: Rect, frame: { width: number; height: number }): Rect {
  const scale = 1.08 * Math.max(content.width / frame.width, content.height / frame.height, 1e-6)
  const width = frame.width * scale
  const height = frame.height * scale
  return {
    x: content.x - (width - content.width) / 2,
    y: content.y - (height - content.height) / 2,
    width,
    height,
  }
}

/** All of them as one SVG path: one element, whatever their number. */
export function rectsPath(rects: readonly Rect[]): string {
  return rects.map(({ x, y, width, height }) => `M${x},${y}h${width}v${height}h${-width}z`).join('')
}
