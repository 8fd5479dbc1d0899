/** What cards and wires look up by id, and what they can ask for. */
import { inject, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import type { ConnectionEnds, Size } from '../../domain/events/pipeline-events.ts'
import type { ConnectionView } from '../../domain/pipeline/view.ts'
import type { CanConnect, CanvasPresence, Highlight } from './intents.ts'
import type { ShownPath } from './use-shown-path.ts'

export interface CanvasContext {
  readonly readOnly: ComputedRef<boolean>
  readonly zoom: ComputedRef<number>
  readonly conflictCounts: ComputedRef<ReadonlyMap<string, number>>
  readonly pendingIds: ComputedRef<ReadonlySet<string>>
  readonly highlighted: ComputedRef<ReadonlyMap<string, Highlight>>
  /** Who has a step or a note selected, or a field of it open: by its id. */
  readonly presentAt: ComputedRef<ReadonlyMap<string, readonly CanvasPresence[]>>
  readonly selectedConnections: ComputedRef<ReadonlyMap<string, ConnectionEnds>>
  readonly shownPath: ComputedRef<ShownPath | null>
  /** The step whose name, or the note whose text, is being edited on the canvas: its node id. */
  readonly editing: Ref<string | null>
  readonly canConnect: CanConnect
  rename(stepId: string, name: string, was: string): void
  editNote(noteId: string, text: string, was: string): void
  resizeNote(noteId: string, size: Size): void
  /** Brings a node whose text is about to be typed to where that can be read. */
  bringToEdit(nodeId: string): void
  /** Gives the focus to a node's card: the keys go on there once its text is typed. */
  focusNode(nodeId: string): void
  selectConnections(connections: readonly ConnectionEnds[], add: boolean): void
  disconnect(connections: readonly ConnectionEnds[]): void
  togglePath(connection: ConnectionView): void
  /** While it is held the canvas does not follow the domain: see use-flow-graph.ts. */
  hold(): void
  release(changed: boolean): void
}

export const CANVAS: InjectionKey<CanvasContext> = Symbol('canvas')

export function useCanvas(): CanvasContext {
  const canvas = inject(CANVAS)
  if (!canvas) throw new Error('A part of the canvas is used outside of it.')
  return canvas
}
