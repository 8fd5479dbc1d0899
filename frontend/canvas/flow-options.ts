/** How Vue Flow behaves on this canvas: it shows, and tells what hands do; it decides nothing. */
import { markRaw } from 'vue'
import {
  ConnectionMode,
  SelectionMode,
  type EdgeTypesObject,
  type FlowProps,
  type NodeTypesObject,
} from './flow.ts'
import { GRID } from './geometry.ts'
import NoteNode from './NoteNode.vue'
import StepNode from './StepNode.vue'
import { MAX_ZOOM, MIN_ZOOM } from './zoom-limits.ts'
import WireEdge from './WireEdge.vue'

export const FLOW_OPTIONS: FlowProps = {
  // Its types ask for components that take any data; ours say which. Registered here and not as slots,
  // because a slot's nodes are mounted anew when a neighbour is added.
  nodeTypes: { step: markRaw(StepNode), note: markRaw(NoteNode) } as unknown as NodeTypesObject,
  edgeTypes: { wire: markRaw(WireEdge) } as unknown as EdgeTypesObject,
  applyDefault: false,
  connectionMode: ConnectionMode.Strict,
  connectionRadius: 24,
  nodeDragThreshold: 3,
  edgesFocusable: false,
  elevateNodesOnSelect: false,
  snapToGrid: true,
  snapGrid: [GRID, GRID],
  minZoom: MIN_ZOOM,
  maxZoom: MAX_ZOOM,
  panOnScroll: true,
  panOnScrollSpeed: 1,
  // The wheel zooms through zoomAt: Vue Flow wants to have seen the key go down, and a touchpad's
  // pinch comes with ctrlKey and without a key.
  zoomOnScroll: false,
  zoomActivationKeyCode: null,
  zoomOnDoubleClick: false,
  multiSelectionKeyCode: ['Shift', 'Control', 'Meta'],
  selectionMode: SelectionMode.Partial,
  // Keys are ours (canvas-keys.ts): its arrows would move a step without an intent.
  deleteKeyCode: null,
  disableKeyboardA11y: true,
}
