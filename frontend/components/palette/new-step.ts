/** Where a step that is added from the palette lands, and what it is called at first. */
import type { Placement } from '../../../domain/events/pipeline-events.ts'
import { STEP_HEIGHT, STEP_WIDTH } from '../../canvas/geometry.ts'
import { freePlace } from './free-place.ts'

const STEP_SIZE = { width: STEP_WIDTH, height: STEP_HEIGHT }

/** The free place nearest to the middle: no card lies on another. */
export function freePlacement(
  centre: Placement,
  steps: readonly { readonly placement: Placement }[],
): Placement {
  const taken = steps.map(({ placement }) => ({ placement, size: STEP_SIZE }))
  return freePlace(centre, STEP_SIZE, taken)
}

/** "HTTP request", or "HTTP request 2" where that name is taken. */
export function freeName(title: string, steps: readonly { readonly name: string }[]): string {
  const names = new Set(steps.map(({ name }) => name))
  if (!names.has(title)) return title
  let number = 2
  while (names.has(`${title} ${number}`)) number += 1
  return `${title} ${number}`
}
