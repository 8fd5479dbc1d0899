/** The layout on a thread of its own: a large pipeline takes it a second. */
import type { Placement } from '../../domain/events/pipeline-events.ts'
import type { LayoutRequest } from './laid-steps.ts'
import { laidOut } from './layout.ts'

export type LayoutAnswer =
  | { readonly ok: true; readonly placements: ReadonlyMap<string, Placement> }
  | { readonly ok: false; readonly message: string }

declare const self: DedicatedWorkerGlobalScope

self.onmessage = ({ data }: MessageEvent<LayoutRequest>) => {
  self.postMessage(answer(data))
}

function answer({ steps, connections }: LayoutRequest): LayoutAnswer {
  try {
    return { ok: true, placements: laidOut(steps, connections) }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}
