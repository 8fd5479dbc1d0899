/** The domain's view as the layout takes it: plain, small, and fit to be sent to a worker. */
import type { ConnectionView, StepView } from '../../domain/pipeline/view.ts'
import { isAttachment, portsOf, type StepPorts } from '../catalogue/step-ports.ts'
import { stepHeight } from './geometry.ts'
import type { Placement } from '../../domain/events/pipeline-events.ts'

/** A step as the layout sees it: a box of the card's width. */
export interface LaidStep {
  readonly id: string
  readonly placement: Placement
  readonly height: number
}

export interface LaidConnection {
  readonly from: string
  readonly to: string
  /** It is about what a step uses, which hangs below that step. */
  readonly hangs: boolean
}

export interface LayoutRequest {
  readonly steps: readonly LaidStep[]
  /** Active ones only: suspended ones would bend the picture, and dangling ones lead nowhere. */
  readonly connections: readonly LaidConnection[]
}

export function layoutRequest(
  steps: readonly StepView[],
  connections: readonly ConnectionView[],
): LayoutRequest {
  const ports = shownPorts(steps, connections)
  const place = ({ from }: ConnectionView) =>
    ports.get(from.stepId)?.outputs.indexOf(from.port) ?? 0
  return {
    steps: steps.map(({ id, placement }) => ({
      id,
      placement: { x: placement.x, y: placement.y },
      height: stepHeight(ports.get(id)!),
    })),
    connections: connections
      .filter((connection) => connection.status === 'active')
      .sort((a, b) => place(a) - place(b))
      .map(({ from, to }) => ({
        from: from.stepId,
        to: to.stepId,
        hangs: isAttachment(from.port) && isAttachment(to.port),
      })),
  }
}

/** The ports that each step shows, by its id. */
export function shownPorts(
  steps: readonly StepView[],
  connections: readonly ConnectionView[],
): ReadonlyMap<string, StepPorts> {
  const used = new Map<string, { inputs: string[]; outputs: string[] }>(
    steps.map(({ id }) => [id, { inputs: [], outputs: [] }]),
  )
  for (const { from, to } of connections) {
    used.get(from.stepId)?.outputs.push(from.port)
    used.get(to.stepId)?.inputs.push(to.port)
  }
  return new Map(steps.map((step) => [step.id, portsOf(step, used.get(step.id)!)]))
}
