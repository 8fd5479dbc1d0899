/** Where a step that is added from the palette lands, and what it is called at first. */
import type { Placement } from '../../../domain/events/pipeline-events.ts'
import { snapped, STEP_HEIGHT, STEP_WIDTH } from '../../canvas/geometry.ts'

/** From one card's corner to the next one's, where they are put side by side. */
const ACROSS = STEP_WIDTH + 40
const DOWN = STEP_HEIGHT + 32

/** The free place nearest to the middle: no card lies on another. */
export function freePlacement(
  centre: Placement,
  steps: readonly { readonly placement: Placement }[],
): Placement {
  const middle = { x: centre.x - STEP_WIDTH / 2, y: centre.y - STEP_HEIGHT / 2 }
  const isFree = (at: Placement) =>
    steps.every(
      ({ placement }) =>
        Math.abs(placement.x - at.x) >= STEP_WIDTH || Math.abs(placement.y - at.y) >= STEP_HEIGHT,
    )
  // Ends: each ring has more places than the one before, and there are only so many steps.
  for (let ring = 0; ; ring += 1) {
    const free = placesOf(ring)
      .map(([x, y]) => snapped({ x: middle.x + x * ACROSS, y: middle.y + y * DOWN }))
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

/** "HTTP request", or "HTTP request 2" where that name is taken. */
export function freeName(title: string, steps: readonly { readonly name: string }[]): string {
  const names = new Set(steps.map(({ name }) => name))
  if (!names.has(title)) return title
  let number = 2
  while (names.has(`${title} ${number}`)) number += 1
  return `${title} ${number}`
}
