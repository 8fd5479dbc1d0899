/** Sizes on the canvas, in pixels at zoom 1. The styles of StepNode.vue follow these. */
import type { Placement } from '../../domain/events/pipeline-events.ts'
import { isAttachment, type StepPorts } from '../catalogue/step-ports.ts'

export const STEP_WIDTH = 188
export const STEP_HEIGHT = 58

/** What placements are rounded to; the dots of the background are every second line. */
export const GRID = 10
export const DOT_GAP = 2 * GRID

/** Closer together than this, ports cannot be told apart or touched. */
const PORT_GAP = 14.5

export const MIN_NOTE = { width: 100, height: 50 } as const

/** A card is as high as its ports need: up to three a side, which is almost always, 58. */
export function stepHeight({ inputs, outputs }: StepPorts): number {
  const most = Math.max(...[inputs, outputs].map((ports) => ports.filter(isBeside).length))
  return Math.max(STEP_HEIGHT, Math.ceil((most + 1) * PORT_GAP))
}

const isBeside = (port: string) => !isAttachment(port)

export type PortEdge = 'left' | 'right' | 'top' | 'bottom'

/** Where a port sits: on which edge of the card, and how far along it, from 0 to 1. */
export interface PortPlace {
  readonly edge: PortEdge
  readonly along: number
  /** The distance to the next port on this edge, or to its end, in pixels. */
  readonly gap: number
  /** Alone on its edge it needs no name. */
  readonly alone: boolean
}

/** Ports share an edge evenly. */
export function portPlace(
  side: 'input' | 'output',
  port: string,
  { inputs, outputs }: StepPorts,
): PortPlace {
  const hangs = isAttachment(port)
  const ports = (side === 'input' ? inputs : outputs).filter((one) => isAttachment(one) === hangs)
  const length = hangs ? STEP_WIDTH : stepHeight({ inputs, outputs })
  return {
    edge: side === 'input' ? (hangs ? 'bottom' : 'left') : hangs ? 'top' : 'right',
    along: (ports.indexOf(port) + 1) / (ports.length + 1),
    gap: length / (ports.length + 1),
    alone: ports.length === 1,
  }
}

export function snapped({ x, y }: Placement): Placement {
  return { x: toGrid(x), y: toGrid(y) }
}

// Adding 0 turns -0 into 0: the two are one place, and JSON would keep only one of them.
const toGrid = (value: number) => Math.round(value / GRID) * GRID + 0

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export function contains(box: Box, { x, y }: Placement): boolean {
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom
}
