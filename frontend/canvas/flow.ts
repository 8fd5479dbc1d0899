/**
 * The one place that knows Vue Flow. Its 2.0 renames much (findNode becomes getNode, parentNode
 * parentId, applyDefault autoApplyChanges) and asks for immutable updates: then this file, the
 * mapping in flow-graph.ts and use-flow-graph.ts change, and nothing else.
 */
import '@vue-flow/core/dist/style.css'

export {
  EdgeLabelRenderer,
  Handle,
  Position,
  SelectionMode,
  VueFlow,
  useVueFlow,
  ConnectionMode,
} from '@vue-flow/core'
export type {
  Connection,
  ConnectionLineProps,
  Edge,
  EdgeMouseEvent,
  EdgeProps,
  EdgeTypesObject,
  FlowProps,
  GraphNode,
  Node,
  NodeChange,
  NodeDragEvent,
  NodeMouseEvent,
  NodeProps,
  NodeTypesObject,
  OnConnectStartParams,
  VueFlowStore,
} from '@vue-flow/core'
export { Background } from '@vue-flow/background'
