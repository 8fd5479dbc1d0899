import type { Placement } from '../events/pipeline-events.ts'

/** Between two columns and between two rows, in pixels: a step's card, and room for its lines. */
const COLUMN = 320
const ROW = 160

/**
 * A plain placement for steps that have none: every step in the column behind the last of those
 * that lead to it, from top to bottom in the order given. The connections must close no cycle.
 */
export function columnLayout(
  ids: readonly string[],
  connections: readonly { readonly from: string; readonly to: string }[],
  topLeft: Placement,
): Map<string, Placement> {
  const columns = columnsOf(ids, connections)
  const heights: number[] = []
  const placements = new Map<string, Placement>()
  for (const id of ids) {
    const column = columns.get(id) ?? 0
    const row = heights[column] ?? 0
    heights[column] = row + 1
    placements.set(id, { x: topLeft.x + column * COLUMN, y: topLeft.y + row * ROW })
  }
  return placements
}

function columnsOf(
  ids: readonly string[],
  connections: readonly { readonly from: string; readonly to: string }[],
): Map<string, number> {
  const columns = new Map(ids.map((id) => [id, 0]))
  const waitingFor = new Map(ids.map((id) => [id, 0]))
  const outgoing = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (const { from, to } of connections) {
    if (!columns.has(from) || !columns.has(to)) continue
    outgoing.get(from)!.push(to)
    waitingFor.set(to, waitingFor.get(to)! + 1)
  }
  const ready = ids.filter((id) => waitingFor.get(id) === 0)
  for (const id of ready) {
    for (const to of outgoing.get(id)!) {
      columns.set(to, Math.max(columns.get(to)!, columns.get(id)! + 1))
      waitingFor.set(to, waitingFor.get(to)! - 1)
      if (waitingFor.get(to) === 0) ready.push(to)
    }
  }
  return columns
}
