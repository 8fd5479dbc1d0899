import type { ConnectionEnds } from '../../domain/events/pipeline-events.ts'
import type { Connection, OnConnectStartParams, VueFlowStore } from './flow.ts'
import { STEP_HEIGHT, STEP_WIDTH, snapped } from './geometry.ts'
import type { DroppedWire } from './intents.ts'
import type { CanvasView } from './use-canvas-view.ts'
import { endpointOf, endsOf } from './wire-ends.ts'

export interface PulledWire {
  started(start: OnConnectStartParams): void
  connected(connection: Connection): void
  ended(event?: MouseEvent | TouchEvent): void
}

/** A wire that is being pulled: it ends at a port, over empty canvas, or nowhere. */
export function usePulledWire(
  flow: VueFlowStore,
  view: Pick<CanvasView, 'toCanvas'>,
  connect: (ends: ConnectionEnds) => void,
  drop: (wire: DroppedWire) => void,
): PulledWire {
  let start: OnConnectStartParams | null = null

  return {
    started(from) {
      start = from
    },
    connected(connection) {
      start = null
      connect(endsOf(connection))
    },
    ended(event) {
      const from = start
      start = null
      const point = event && pointOf(event)
      if (!from?.nodeId || !point || flow.connectionEndHandle.value) return
      const below = document.elementFromPoint(point.clientX, point.clientY)
      if (!below?.classList.contains('vue-flow__pane')) return
      const end = endpointOf({ nodeId: from.nodeId, id: from.handleId })
      const { x, y } = view.toCanvas(point)
      const top = y - STEP_HEIGHT / 2
      if (from.handleType === 'target') {
        drop({ to: end, placement: snapped({ x: x - STEP_WIDTH, y: top }) })
      } else drop({ from: end, placement: snapped({ x, y: top }) })
    },
  }
}

function pointOf(event: MouseEvent | TouchEvent): { clientX: number; clientY: number } | null {
  if ('clientX' in event) return event
  return event.changedTouches[0] ?? null
}
