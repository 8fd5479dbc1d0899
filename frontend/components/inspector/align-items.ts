/** Where things go when they are aligned or spread out. */
import type { Placement, Size } from '../../../domain/events/pipeline-events.ts'

export interface PlacedItem {
  readonly id: string
  readonly placement: Placement
  readonly size: Size
}

export type Alignment =
  'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom' | 'across' | 'down'

/** The new place of each thing that has to move; `across` and `down` give all gaps one width. */
export function aligned(
  items: readonly PlacedItem[],
  alignment: Alignment,
): ReadonlyMap<string, Placement> {
  if (alignment === 'across' || alignment === 'down') return spread(items, alignment)
  const [axis, extent] = isHorizontal(alignment)
    ? (['x', 'width'] as const)
    : (['y', 'height'] as const)
  const first = Math.min(...items.map(({ placement }) => placement[axis]))
  const last = Math.max(...items.map(({ placement, size }) => placement[axis] + size[extent]))
  return moved(items, ({ placement, size }) => {
    const at = { start: first, middle: (first + last - size[extent]) / 2, end: last - size[extent] }
    return { ...placement, [axis]: Math.round(at[SIDE[alignment]]) }
  })
}

const SIDE = {
  left: 'start',
  centre: 'middle',
  right: 'end',
  top: 'start',
  middle: 'middle',
  bottom: 'end',
} as const

function isHorizontal(alignment: keyof typeof SIDE): boolean {
  return alignment === 'left' || alignment === 'centre' || alignment === 'right'
}

function spread(
  items: readonly PlacedItem[],
  way: 'across' | 'down',
): ReadonlyMap<string, Placement> {
  const [axis, extent] = way === 'across' ? (['x', 'width'] as const) : (['y', 'height'] as const)
  const sorted = [...items].sort((a, b) => a.placement[axis] - b.placement[axis])
  const first = sorted[0]
  const last = sorted.at(-1)
  if (!first || !last || sorted.length < 3) return new Map()
  const room = last.placement[axis] + last.size[extent] - first.placement[axis]
  const filled = sorted.reduce((sum, { size }) => sum + size[extent], 0)
  const gap = (room - filled) / (sorted.length - 1)
  let at = first.placement[axis]
  const places = new Map<string, number>()
  for (const { id, size } of sorted) {
    places.set(id, Math.round(at))
    at += size[extent] + gap
  }
  return moved(items, ({ id, placement }) => ({ ...placement, [axis]: places.get(id)! }))
}

function moved(
  items: readonly PlacedItem[],
  place: (item: PlacedItem) => Placement,
): ReadonlyMap<string, Placement> {
  const places = items.map((item) => [item, place(item)] as const)
  return new Map(
    places
      .filter(([{ placement }, to]) => to.x !== placement.x || to.y !== placement.y)
      .map(([{ id }, to]) => [id, to]),
  )
}
