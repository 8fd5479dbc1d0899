import { useThrottleFn } from '@vueuse/core'
import type { Placement } from '../../domain/events/pipeline-events.ts'
import type { CanvasView } from './use-canvas-view.ts'

/** Often enough for a smooth cursor on another screen, seldom enough for the network. */
const EVERY_MS = 50

export interface PointerTrail {
  moved(event: PointerEvent): void
  left(): void
}

/** Tells where the pointer is on the canvas, and once that it has left. */
export function useCursor(
  view: Pick<CanvasView, 'toCanvas'>,
  tell: (placement: Placement | null) => void,
): PointerTrail {
  let here = false
  const place = useThrottleFn(
    (point: { clientX: number; clientY: number }) => {
      if (!here) return
      const { x, y } = view.toCanvas(point)
      tell({ x: Math.round(x), y: Math.round(y) })
    },
    EVERY_MS,
    true,
  )
  return {
    moved({ clientX, clientY, pointerType }) {
      // A finger hides what is under it, and is nowhere once it is lifted.
      if (pointerType === 'touch') return
      here = true
      void place({ clientX, clientY })
    },
    left() {
      if (here) tell(null)
      here = false
    },
  }
}
