/** Where the canvas looks: fitting, centring, zooming, and the way from the screen to the canvas. */
import { computed, onMounted, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue'
import { usePreferredReducedMotion } from '@vueuse/core'
import type { Placement } from '../../domain/events/pipeline-events.ts'
import type { GraphNode, VueFlowStore } from './flow.ts'
import { noteNodeId } from './flow-graph.ts'
import { around, type Rect } from './minimap.ts'
import { FIT_PADDING, leastZoom, zoomAfterWheel } from './zoom-limits.ts'

/** Below this text cannot be read: cards become blocks of their kind's colour. */
const FAR_ZOOM = 0.35
/** What would be smaller than this is not shown whole at first: one reads from its beginning. */
const READABLE_ZOOM = 0.5
/** A canvas narrower than this has no room for the overview in the corner. */
const NARROW = 640
const START_ZOOM = 0.75

export interface CanvasView {
  readonly far: ComputedRef<boolean>
  readonly narrow: ComputedRef<boolean>
  /** The id of the node that shows a step or a note; null: it is not on this canvas. */
  nodeIdOf(id: string): string | null
  fitView(nodeIds?: readonly string[]): void
  /** Brings a step or a note to the middle; false: it is not on this canvas. */
  centreOn(id: string): boolean
  /** Brings a node to the middle where it is out of sight. */
  reveal(nodeId: string): void
  /** As `reveal`, and closer where text cannot be read from here. */
  bringToEdit(nodeId: string): void
  zoomIn(): void
  zoomOut(): void
  zoomReset(): void
  /** The middle of what is seen, in canvas coordinates. */
  viewportCentre(): Placement
  toCanvas(point: { readonly clientX: number; readonly clientY: number }): Placement
  /** Zooms by the wheel's turn, so that what is under the pointer stays there. */
  zoomAt(event: WheelEvent): void
}

export function useCanvasView(flow: VueFlowStore, root: Ref<HTMLElement | null>): CanvasView {
  const motion = usePreferredReducedMotion()
  const duration = () => (motion.value === 'reduce' ? 0 : 160)
  const narrow = computed(() => {
    const { width } = flow.dimensions.value
    return width > 0 && width < NARROW
  })
  const far = computed(() => flow.viewport.value.zoom < FAR_ZOOM)

  const toCanvas: CanvasView['toCanvas'] = ({ clientX, clientY }) => {
    const box = root.value?.getBoundingClientRect() ?? { left: 0, top: 0 }
    const { x, y, zoom } = flow.viewport.value
    return { x: (clientX - box.left - x) / zoom, y: (clientY - box.top - y) / zoom }
  }
  const fitView = (nodeIds?: readonly string[], time = duration()) =>
    void flow.fitView({
      padding: FIT_PADDING,
      minZoom: minZoom(flow),
      maxZoom: 1,
      duration: time,
      ...(nodeIds && { nodes: [...nodeIds] }),
    })

  const nodeOf = (id: string) => flow.findNode(id) ?? flow.findNode(noteNodeId(id))
  const centre = ({ position, dimensions }: GraphNode) =>
    void flow.setCenter(position.x + dimensions.width / 2, position.y + dimensions.height / 2, {
      zoom: Math.max(flow.viewport.value.zoom, START_ZOOM),
      duration: duration(),
    })

  onFirstSight(flow, () => {
    const start = isTooLarge(flow) ? firstStep(flow) : null
    if (start) lookAt(flow, start)
    else fitView(undefined, 0)
  })

  return {
    far,
    narrow,
    fitView,
    nodeIdOf: (id) => nodeOf(id)?.id ?? null,
    centreOn(id) {
      const node = nodeOf(id)
      if (node) centre(node)
      return node !== undefined
    },
    reveal(nodeId) {
      const node = flow.findNode(nodeId)
      if (node && !isInSight(flow, node)) centre(node)
    },
    bringToEdit(nodeId) {
      const node = flow.findNode(nodeId)
      if (node && (far.value || !isInSight(flow, node))) centre(node)
    },
    zoomIn: () => void flow.zoomIn({ duration: duration() }),
    zoomOut() {
      minZoom(flow)
      void flow.zoomOut({ duration: duration() })
    },
    zoomReset: () => void flow.zoomTo(1, { duration: duration() }),
    viewportCentre() {
      const box = root.value?.getBoundingClientRect()
      if (!box) return { x: 0, y: 0 }
      return toCanvas({ clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 })
    },
    toCanvas,
    zoomAt(event) {
      const box = root.value?.getBoundingClientRect()
      if (box) zoomAround(flow, { x: event.clientX - box.left, y: event.clientY - box.top }, event)
    },
  }
}

/** A large pipeline can be seen whole, and a small one does not become a speck. */
function minZoom(flow: VueFlowStore): number {
  const least = leastZoom(rectsOf(flow), flow.dimensions.value)
  if (least !== flow.minZoom.value) flow.setMinZoom(least)
  return least
}

/** @param point what stays where it is, in pixels from the canvas's corner */
function zoomAround(flow: VueFlowStore, point: Placement, turn: WheelEvent): void {
  const { x, y, zoom } = flow.viewport.value
  const to = zoomAfterWheel(zoom, turn, minZoom(flow))
  const scale = to / zoom
  void flow.setViewport({
    x: point.x - (point.x - x) * scale,
    y: point.y - (point.y - y) * scale,
    zoom: to,
  })
}

/**
 * Once what is there is measured, on a canvas that has a size: a hidden page has none. A first step
 * that appears in sight was put there by hand, and stays where it was put.
 */
function onFirstSight(flow: VueFlowStore, look: () => void): void {
  const seen = ref(false)
  const ready = computed(
    () =>
      !seen.value &&
      flow.viewportRef.value !== null &&
      flow.dimensions.value.width > 0 &&
      flow.nodes.value.length > 0 &&
      flow.nodes.value.every((node) => node.dimensions.width > 0),
  )
  const tryToLook = () => {
    if (!ready.value || document.visibilityState === 'hidden') return
    seen.value = true
    const [node, ...others] = flow.nodes.value
    if (others.length > 0 || !isInSight(flow, node!)) look()
  }
  watch(ready, tryToLook, { flush: 'post' })
  onMounted(() => document.addEventListener('visibilitychange', tryToLook))
  onScopeDispose(() => document.removeEventListener('visibilitychange', tryToLook))
}

function isInSight(flow: VueFlowStore, { position, dimensions }: GraphNode): boolean {
  const { x, y, zoom } = flow.viewport.value
  const left = position.x * zoom + x
  const top = position.y * zoom + y
  const { width, height } = flow.dimensions.value
  return (
    left >= 0 &&
    top >= 0 &&
    left + dimensions.width * zoom <= width &&
    top + dimensions.height * zoom <= height
  )
}

function isTooLarge(flow: VueFlowStore): boolean {
  const all = around(rectsOf(flow))
  const { width, height } = flow.dimensions.value
  return Math.min(width / all.width, height / all.height) < READABLE_ZOOM
}

function rectsOf(flow: VueFlowStore): Rect[] {
  return flow.nodes.value.map(({ position, dimensions }) => ({ ...position, ...dimensions }))
}

/** The leftmost step that leads somewhere; where none does, the leftmost. */
function firstStep(flow: VueFlowStore): GraphNode | null {
  const leading = new Set(flow.edges.value.map((edge) => edge.source))
  const steps = flow.nodes.value.filter((node) => node.type === 'step')
  const firsts = steps.filter((node) => leading.has(node.id))
  return (firsts.length > 0 ? firsts : steps).reduce<GraphNode | null>(
    (first, node) => (!first || node.position.x < first.position.x ? node : first),
    null,
  )
}

/** Readable, with a step at the left edge. */
function lookAt(flow: VueFlowStore, { position, dimensions }: GraphNode): void {
  void flow.setViewport({
    x: 40 - position.x * START_ZOOM,
    y: flow.dimensions.value.height / 2 - (position.y + dimensions.height / 2) * START_ZOOM,
    zoom: START_ZOOM,
  })
}
