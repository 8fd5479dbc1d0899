import type { Placement } from '../../domain/events/pipeline-events.ts'
import type { ConnectionView, NoteView, StepView } from '../../domain/pipeline/view.ts'
import { layoutRequest } from './laid-steps.ts'
import { layoutSteps } from './layout-client.ts'
import { notesAlong } from './layout.ts'
import type { CanvasMove } from './intents.ts'
import { noteNodeId } from './flow-graph.ts'
import { itemOf } from './use-canvas-selection.ts'

interface TidyView {
  readonly steps: readonly StepView[]
  readonly connections: readonly ConnectionView[]
  readonly notes: readonly NoteView[]
}

/**
 * What has to move so that a pipeline is laid out from left to right, notes along with the steps that
 * they lie under: for one `Move`. Rejects with a LayoutError.
 */
export async function tidyMoves(view: TidyView, signal?: AbortSignal): Promise<CanvasMove[]> {
  const placements = await layoutSteps(view.steps, view.connections, signal)
  const laid = layoutRequest(view.steps, view.connections).steps
  const notes = notesAlong(view.notes, laid, placements)
  return [...moved(view.steps, placements, (id) => id), ...moved(view.notes, notes, noteNodeId)]
}

function moved(
  things: readonly { readonly id: string; readonly placement: Placement }[],
  placements: ReadonlyMap<string, Placement>,
  nodeId: (id: string) => string,
): CanvasMove[] {
  return things.flatMap(({ id, placement: was }) => {
    const to = placements.get(id)
    if (!to || (to.x === was.x && to.y === was.y)) return []
    return [{ ...itemOf(nodeId(id)), placement: to }]
  })
}
