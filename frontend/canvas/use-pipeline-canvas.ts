/** Puts the parts of the canvas together: the only place where they know of one another. */
import { computed, provide, ref, type Ref } from 'vue'
import { CANVAS, type CanvasContext } from './canvas-context.ts'
import { useVueFlow } from './flow.ts'
import { focusNode } from './focus-node.ts'
import { noteNodeId } from './flow-graph.ts'
import type { CanvasHandle, CanvasIntents, CanvasProps } from './intents.ts'
import { presenceByThing } from './presence-at.ts'
import { canvasCommands } from './canvas-commands.ts'
import { useCanvasGestures } from './use-canvas-gestures.ts'
import { useCanvasKeys } from './use-canvas-keys.ts'
import { useCanvasMoves } from './use-canvas-moves.ts'
import { useCanvasSelection } from './use-canvas-selection.ts'
import { useCanvasView, type CanvasView } from './use-canvas-view.ts'
import { useCursor } from './use-cursor.ts'
import { useFlowGraph } from './use-flow-graph.ts'
import { usePulledWire } from './use-pulled-wire.ts'
import { useShownPath } from './use-shown-path.ts'

/** With more steps than this the overview costs more than it shows. */
const MINIMAP_STEPS = 300

export type Emit = <K extends keyof CanvasIntents>(intent: K, ...args: CanvasIntents[K]) => void

export function usePipelineCanvas(
  id: string,
  root: Ref<HTMLElement | null>,
  props: Required<CanvasProps>,
  emit: Emit,
) {
  const flow = useVueFlow(id)
  const editing = ref<string | null>(null)
  const readOnly = () => props.readOnly
  const openInspector = (stepId: string) => emit('open-inspector', stepId)

  const held = useFlowGraph(flow, () => props)
  const selecting = useCanvasSelection(
    flow,
    () => props.selection,
    held.applied,
    (selection) => emit('select', selection),
  )
  const selected = () => selecting.keys.value.nodes
  const moves = useCanvasMoves(flow, held, selected, (moved) => emit('move', moved))
  const view = useCanvasView(flow, root)
  const cursor = useCursor(view, (placement) => emit('cursor', placement))
  const path = useShownPath(
    () => props.connections,
    (shown) => {
      emit('show-path', shown?.suspended ?? null)
      if (shown) view.fitView([...shown.steps])
    },
  )
  const wire = usePulledWire(
    flow,
    view,
    (ends) => emit('connect', ends),
    (dropped) => emit('drop-wire', dropped),
  )
  const gestures = useCanvasGestures({
    ...{ flow, view, selecting, editing, readOnly, openInspector },
    add: (step) => emit('add', step),
  })
  const commands = canvasCommands({
    ...{ flow, view, moves, selecting, path, editing, readOnly, openInspector },
    remove(selection) {
      emit('remove', selection)
      // What had the focus is about to go, and the keys are to go on working.
      root.value?.focus({ preventScroll: true, focusVisible: false })
    },
  })
  const { spaceHeld } = useCanvasKeys(root, commands, moves.nudgeEnded)
  const minimapShown = computed(
    () => !moves.dragging.value && !view.narrow.value && props.steps.length <= MINIMAP_STEPS,
  )
  const zoom = computed(() => flow.viewport.value.zoom)

  provide(CANVAS, {
    ...factsOf(props),
    ...intentsOf(emit),
    ...{ zoom, editing, hold: held.hold, release: held.release },
    shownPath: path.shownPath,
    togglePath: path.toggle,
    bringToEdit: view.bringToEdit,
    focusNode: (nodeId) => focusNode(root.value, nodeId),
    selectedConnections: computed(() => selecting.keys.value.connections),
    selectConnections: selecting.selectConnections,
  })

  const exposed = handleOf(view, root, (nodeId) => {
    if (!props.readOnly) editing.value = nodeId
  })
  return { flow, view, moves, cursor, path, wire, gestures, spaceHeld, minimapShown, zoom, exposed }
}

function handleOf(
  view: CanvasView,
  root: Ref<HTMLElement | null>,
  edit: (nodeId: string) => void,
): CanvasHandle {
  const { fitView, centreOn, zoomIn, zoomOut, viewportCentre } = view
  return {
    ...{ fitView, centreOn, zoomIn, zoomOut, viewportCentre },
    editName: edit,
    editNote: (noteId) => edit(noteNodeId(noteId)),
    focus: (id) => focusNode(root.value, id === undefined ? null : view.nodeIdOf(id)),
  }
}

/** What cards and wires look up. */
function factsOf(props: Required<CanvasProps>) {
  return {
    readOnly: computed(() => props.readOnly),
    conflictCounts: computed(() => props.conflictCounts),
    pendingIds: computed(() => props.pendingIds),
    highlighted: computed(() => props.highlighted),
    presentAt: computed(() => presenceByThing(props.presence)),
    canConnect: (ends) => props.canConnect(ends),
  } satisfies Partial<CanvasContext>
}

/** What cards and wires ask for by themselves. */
function intentsOf(emit: Emit) {
  return {
    rename: (stepId, name, was) => emit('rename', { stepId, name, was }),
    editNote: (noteId, text, was) => emit('edit-note', { noteId, text, was }),
    resizeNote: (noteId, size) => emit('resize-note', { noteId, size }),
    disconnect: (connections) => emit('disconnect', connections),
  } satisfies Partial<CanvasContext>
}
