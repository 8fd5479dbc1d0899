/** Obeys the keys: each either does something here and now, or is left to the page. */
import type { Ref } from 'vue'
import type { VueFlowStore } from './flow.ts'
import { noteIdOf } from './flow-graph.ts'
import type { KeyCommand } from './canvas-keys.ts'
import type { CanvasSelection } from './intents.ts'
import type { CanvasMoves } from './use-canvas-moves.ts'
import { selectionOf, type CanvasSelecting } from './use-canvas-selection.ts'
import type { CanvasView } from './use-canvas-view.ts'
import type { PathShowing } from './use-shown-path.ts'

export interface CommandParts {
  readonly flow: VueFlowStore
  readonly view: CanvasView
  readonly moves: CanvasMoves
  readonly selecting: CanvasSelecting
  readonly readOnly: () => boolean
  readonly editing: Ref<string | null>
  readonly path: PathShowing
  remove(selection: CanvasSelection): void
  openInspector(stepId: string): void
}

/** Answers whether the command was one for now: with nothing selected, Delete is not. */
export function canvasCommands(parts: CommandParts): (command: KeyCommand) => boolean {
  const { view, selecting } = parts
  return (command) => {
    switch (command.do) {
      case 'nudge':
        return !parts.readOnly() && nudge(parts, command.x, command.y)
      case 'remove':
        return !parts.readOnly() && remove(parts)
      case 'rename':
        return !parts.readOnly() && editOnly(parts)
      case 'open':
        return open(parts)
      case 'select-all':
        selecting.selectNodes(parts.flow.nodes.value.map((node) => node.id))
        return true
      case 'clear':
        return clear(parts)
      case 'fit':
        view.fitView()
        return true
      case 'zoom-in':
        view.zoomIn()
        return true
      case 'zoom-out':
        view.zoomOut()
        return true
      case 'zoom-reset':
        view.zoomReset()
        return true
    }
  }
}

function nudge({ selecting, moves }: CommandParts, x: number, y: number): boolean {
  if (selecting.keys.value.nodes.size === 0) return false
  moves.nudge(x, y)
  return true
}

function remove({ selecting, remove: ask }: CommandParts): boolean {
  const selection = selectionOf(selecting.keys.value)
  if (selection.items.length + selection.connections.length === 0) return false
  ask(selection)
  return true
}

/** The one thing that is selected; of several, none. */
function onlySelected({ selecting }: CommandParts): string | null {
  const [nodeId, ...others] = selecting.keys.value.nodes
  return nodeId !== undefined && others.length === 0 ? nodeId : null
}

function editOnly(parts: CommandParts): boolean {
  const nodeId = onlySelected(parts)
  if (nodeId === null) return false
  parts.editing.value = nodeId
  return true
}

function open(parts: CommandParts): boolean {
  const nodeId = onlySelected(parts)
  if (nodeId === null) return false
  if (noteIdOf(nodeId) === null) parts.openInspector(nodeId)
  else return !parts.readOnly() && editOnly(parts)
  return true
}

/** Escape takes back one thing at a time, the newest first. */
function clear({ flow, path, selecting }: CommandParts): boolean {
  if (flow.connectionClickStartHandle.value) flow.endConnection(undefined, true)
  else if (!path.hide()) {
    const { nodes, connections } = selecting.keys.value
    if (nodes.size + connections.size === 0) return false
    selecting.clear()
  }
  return true
}
