import type { Placement } from '../events/pipeline-events.ts'
import { limits } from '../limits.ts'
import { columnLayout } from './column-layout.ts'
import type { N8nNode, N8nNodes } from './n8n-nodes.ts'

/** Between what has a placement of its own and what gets one, in pixels. */
const GAP = 240

export interface Placements {
  readonly of: ReadonlyMap<string, Placement>
  /** No two steps have different placements of their own: all were made up. */
  readonly needsLayout: boolean
  /** Steps and notes that had no usable placement, where the others keep theirs. */
  readonly madeUp: number
}

/** Keeps the placements of the file; what has none is put below, in columns by what leads to it. */
export function placeNodes(
  { steps, notes }: N8nNodes,
  connections: readonly { readonly from: string; readonly to: string }[],
): Placements {
  const own = steps.flatMap(({ position }) => (position ? [`${position.x} ${position.y}`] : []))
  const distinct = new Set(own).size
  const needsLayout = distinct === 0 ? steps.length > 0 : distinct === 1 && steps.length > 1
  const placements = new Map<string, Placement>()
  const keep = (nodes: readonly N8nNode[]): void => {
    for (const { id, position } of nodes) if (position) placements.set(id, position)
  }
  const makeUp = (nodes: readonly N8nNode[]): void => {
    const ids = nodes.map(({ id }) => id).filter((id) => !placements.has(id))
    const madeUp = columnLayout(ids, connections, below([...placements.values()]))
    for (const [id, placement] of madeUp) placements.set(id, onCanvas(placement))
  }
  if (!needsLayout) keep(steps)
  makeUp(steps)
  keep(notes)
  makeUp(notes)
  const isLost = ({ position }: N8nNode): boolean => position === null
  const lost = notes.filter(isLost).length + (needsLayout ? 0 : steps.filter(isLost).length)
  return { of: placements, needsLayout, madeUp: lost }
}

function below(placements: readonly Placement[]): Placement {
  if (placements.length === 0) return { x: 0, y: 0 }
  let [left, bottom] = [Infinity, -Infinity]
  for (const { x, y } of placements) [left, bottom] = [Math.min(left, x), Math.max(bottom, y)]
  return { x: left, y: bottom + GAP }
}

function onCanvas({ x, y }: Placement): Placement {
  return { x: Math.min(x, limits.coordinate), y: Math.min(y, limits.coordinate) }
}
