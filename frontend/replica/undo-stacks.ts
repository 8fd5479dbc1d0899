/** What a person can undo and redo in this tab, newest last. */
import type { Gesture } from '../../domain/pipeline/undo.ts'

/** How a gesture comes about. */
export type Way = 'do' | 'undo' | 'redo'

/** Gestures that can be undone; older ones are in the history. */
const DEPTH = 100

export class UndoStacks {
  #undo: Gesture[] = []
  #redo: Gesture[] = []

  get canUndo(): boolean {
    return this.#undo.length > 0
  }

  get canRedo(): boolean {
    return this.#redo.length > 0
  }

  /** A gesture was made: what an undo did can be redone, and the other way round. */
  remember(gesture: Gesture, way: Way): void {
    if (gesture.steps.length === 0) return
    const stack = way === 'undo' ? this.#redo : this.#undo
    stack.push(gesture)
    if (stack.length > DEPTH) stack.shift()
    if (way === 'do') this.#redo = []
  }

  take(way: 'undo' | 'redo'): Gesture | undefined {
    return this.#of(way).pop()
  }

  /** What was taken could not be done now, and can be asked for again. */
  putBack(gesture: Gesture, way: 'undo' | 'redo'): void {
    this.#of(way).push(gesture)
  }

  #of(way: 'undo' | 'redo'): Gesture[] {
    return way === 'undo' ? this.#undo : this.#redo
  }
}
