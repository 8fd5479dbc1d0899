/** Where something new fits on the canvas. */
import type { Placement, Size } from '../../../domain/events/pipeline-events.ts'
import { snapped } from '../../canvas/geometry.ts'

/** Between things that are put side by side. */
const GAP = { across: 40, down: 32 } as const

export interface TakenPlace {
  readonly placement: Placement
  readonly size: Size
}

/** The free place nearest to the middle, on the grid: what is put there lies on nothing else. */
export function freePlace(centre: Placement, size: Size, taken: readonly TakenPlace[]): Placement {
  const middle = { x: centre.x - size.width / 2, y: centre.y - size.height / 2 }
  const isFree = (at: Placement) =>
    taken.every(
      (other) =>
        at.x >= other.placement.x + other.size.width ||
        at.x + size.width <= other.placement.x ||
        at.y >= other.placement.y + other.size.height ||
        at.y + size.height <= other.placement.y,
    )
  // Ends: each ring has more places than the one before, and there are only so many things.
  for (let ring = 0; ; ring += 1) {
    const free = placesOf(ring)
      .map(([x, y]) =>
        snapped({
          x: middle.x + x * (size.width + GAP.across),
          y: middle.y + y * (size.height + GAP.down),
        }),
      )
      .find(isFree)
    if (free) return free
  }
}

/** The places of a square ring around the middle: right first, then down, then the rest. */
function placesOf(ring: number): [x: number, y: number][] {
  const places: [number, number][] = []
  for (let y = -ring; y <= ring; y += 1) {
    for (let x = -ring; x <= ring; x += 1) {
      if (Math.max(Math.abs(x), Math.abs(y)) === ring) places.push([x, y])
    }
  }
  const cost = ([x, y]: [number, number]) =>
    Math.abs(x) + Math.abs(y) + (x < 0 ? 0.5 : 0) + (y < 0 ? 0.25 : 0)
  return places.sort((a, b) => cost(a) - cost(b) || b[0] - a[0])
}
