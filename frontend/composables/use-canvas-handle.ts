/** What the panels ask of the canvas beside them. */
import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import type { CanvasHandle } from '../canvas/intents.ts'

const CANVAS_HANDLE: InjectionKey<ShallowRef<CanvasHandle | null>> = Symbol('canvas handle')

/** For the page that holds the canvas and the panels. */
export function provideCanvasHandle(): ShallowRef<CanvasHandle | null> {
  const handle = shallowRef<CanvasHandle | null>(null)
  provide(CANVAS_HANDLE, handle)
  return handle
}

/** Null until the canvas is there. */
export function useCanvasHandle(): ShallowRef<CanvasHandle | null> {
  const handle = inject(CANVAS_HANDLE)
  if (!handle) throw new Error('a panel is shown without a canvas beside it')
  return handle
}
