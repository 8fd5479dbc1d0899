/**
 * The selection comes from outside; here clicks, the marquee and keys ask for another one. Vue Flow
 * tells of one gesture in several parts, so the parts of one tick become one intent.
 */
import { computed, nextTick, watch, type ComputedRef } from 'vue'
import type { ConnectionEnds } from '../../domain/events/pipeline-events.ts'
import type { CanvasItem } from '../../domain/pipeline/commands.ts'
import { connectionKey } from '../../domain/pipeline/effects.ts'
import type { NoteId, StepId } from '../../domain/ids.ts'
import type { NodeChange, VueFlowStore } from './flow.ts'
import { noteIdOf, noteNodeId } from './flow-graph.ts'
import type { CanvasSelection } from './intents.ts'

export interface SelectionKeys {
  readonly nodes: ReadonlySet<string>
  readonly connections: ReadonlyMap<string, ConnectionEnds>
}

export interface CanvasSelecting {
  readonly keys: ComputedRef<SelectionKeys>
  selectNodes(nodeIds: Iterable<string>): void
  selectConnections(connections: readonly ConnectionEnds[], add: boolean): void
  clear(): void
}

export function itemOf(nodeId: string): CanvasItem {
  const noteId = noteIdOf(nodeId)
  return noteId === null ? { stepId: nodeId as StepId } : { noteId: noteId as NoteId }
}

export function nodeIdOf(item: CanvasItem): string {
  return 'stepId' in item ? item.stepId : noteNodeId(item.noteId)
}

export function keysOf({ items, connections }: CanvasSelection): SelectionKeys {
  return {
    nodes: new Set(items.map(nodeIdOf)),
    connections: new Map(connections.map((ends) => [connectionKey(ends), ends])),
  }
}

export function selectionOf({ nodes, connections }: SelectionKeys): CanvasSelection {
  return {
    items: [...nodes].map(itemOf),
    connections: [...connections.values()].map(({ from, to }) => ({ from, to })),
  }
}

export function useCanvasSelection(
  flow: VueFlowStore,
  selection: () => CanvasSelection,
  applied: Readonly<{ value: number }>,
  select: (selection: CanvasSelection) => void,
): CanvasSelecting {
  const keys = computed(() => keysOf(selection()))
  let next: { nodes: Set<string>; connections: Map<string, ConnectionEnds> } | null = null

  const draft = () => {
    if (next) return next
    next = { nodes: new Set(keys.value.nodes), connections: new Map(keys.value.connections) }
    void nextTick(() => {
      const wanted = next
      next = null
      if (wanted && !sameKeys(wanted, keys.value)) select(selectionOf(wanted))
      showSelected()
    })
    return next
  }
  const showSelected = () => {
    for (const node of flow.nodes.value) node.selected = keys.value.nodes.has(node.id)
  }

  watch([keys, applied], showSelected, { immediate: true })
  flow.onNodesChange((changes) => {
    for (const change of changes.filter(isSelecting)) {
      if (!flow.multiSelectionActive.value) draft().connections.clear()
      if (change.selected) draft().nodes.add(change.id)
      else draft().nodes.delete(change.id)
    }
  })

  return {
    keys,
    selectNodes(nodeIds) {
      const wanted = draft()
      wanted.nodes = new Set(nodeIds)
      wanted.connections.clear()
    },
    selectConnections(connections, add) {
      const wanted = draft()
      if (!add) {
        wanted.nodes.clear()
        wanted.connections.clear()
      }
      for (const ends of connections) wanted.connections.set(connectionKey(ends), ends)
    },
    clear() {
      const wanted = draft()
      wanted.nodes.clear()
      wanted.connections.clear()
    },
  }
}

const isSelecting = (change: NodeChange) => change.type === 'select'

function sameKeys(left: SelectionKeys, right: SelectionKeys): boolean {
  return sameSet(left.nodes, right.nodes) && sameSet(left.connections, right.connections)
}

function sameSet(
  left: { readonly size: number; keys(): Iterable<string> },
  right: { readonly size: number; has(key: string): boolean },
): boolean {
  return left.size === right.size && [...left.keys()].every((key) => right.has(key))
}
