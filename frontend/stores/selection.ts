/** What is selected on the canvas, without what does not exist any more. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ConnectionEnds } from '../../domain/events/pipeline-events.ts'
import type { NoteId, StepId } from '../../domain/ids.ts'
import { connectionKey } from '../../domain/pipeline/effects.ts'
import { NOTHING_SELECTED, type CanvasSelection } from '../canvas/intents.ts'
import { useEditor } from './editor.ts'

export const useSelection = defineStore('selection', () => {
  const editor = useEditor()
  const asked = shallowRef<CanvasSelection>(NOTHING_SELECTED)

  const existingConnections = computed(
    () => new Map(editor.connections.map((view) => [connectionKey(view), view])),
  )

  const selection = computed<CanvasSelection>(() => {
    const items = asked.value.items.filter((item) =>
      'stepId' in item ? editor.stepsById.has(item.stepId) : editor.notesById.has(item.noteId),
    )
    const connections = asked.value.connections.filter((ends) =>
      existingConnections.value.has(connectionKey(ends)),
    )
    const whole =
      items.length === asked.value.items.length &&
      connections.length === asked.value.connections.length
    return whole ? asked.value : { items, connections }
  })

  const stepIds = computed(() =>
    selection.value.items.flatMap((item) => ('stepId' in item ? [item.stepId] : [])),
  )
  const noteIds = computed(() =>
    selection.value.items.flatMap((item) => ('noteId' in item ? [item.noteId] : [])),
  )
  const connections = computed(() =>
    selection.value.connections.flatMap((ends) => {
      const view = existingConnections.value.get(connectionKey(ends))
      return view ? [view] : []
    }),
  )

  function select(next: CanvasSelection): void {
    asked.value = next
  }
  const clear = () => select(NOTHING_SELECTED)
  const selectSteps = (...ids: readonly string[]) =>
    select({ items: ids.map((stepId) => ({ stepId: stepId as StepId })), connections: [] })
  const selectNote = (id: string) => select({ items: [{ noteId: id as NoteId }], connections: [] })
  const selectConnection = (ends: ConnectionEnds) => select({ items: [], connections: [ends] })
  const selectAll = () =>
    select({
      items: [
        ...editor.steps.map(({ id }) => ({ stepId: id as StepId })),
        ...editor.notes.map(({ id }) => ({ noteId: id as NoteId })),
      ],
      connections: [],
    })

  return {
    selection,
    stepIds,
    noteIds,
    connections,
    select,
    clear,
    selectSteps,
    selectNote,
    selectConnection,
    selectAll,
  }
})
