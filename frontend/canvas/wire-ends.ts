import type { ConnectionEnds, Endpoint } from '../../domain/events/pipeline-events.ts'
import type { StepId } from '../../domain/ids.ts'
import { isAttachment } from '../catalogue/step-ports.ts'
import type { Connection } from './flow.ts'
import { portOf } from './flow-graph.ts'

/** A port of a step as Vue Flow names it. */
export interface FlowPort {
  readonly nodeId: string
  readonly id?: string | null | undefined
  readonly type: 'source' | 'target'
}

export function endpointOf({ nodeId, id }: Omit<FlowPort, 'type'>): Endpoint {
  return { stepId: nodeId as StepId, port: portOf(id) }
}

export function endsOf(connection: Connection): ConnectionEnds {
  return {
    from: endpointOf({ nodeId: connection.source, id: connection.sourceHandle }),
    to: endpointOf({ nodeId: connection.target, id: connection.targetHandle }),
  }
}

/** Why a wire from one port may not end at another, as a sentence; null where it may. */
export function wireRefusal(
  start: FlowPort,
  end: FlowPort,
  canConnect: (ends: ConnectionEnds) => string | null,
): string | null {
  if (start.type === end.type) return 'A connection goes from an output to an input.'
  const [source, target] = start.type === 'source' ? [start, end] : [end, start]
  return refusal({ from: endpointOf(source), to: endpointOf(target) }, canConnect)
}

/** As `wireRefusal`, for two ends that are an output and an input already. */
export function refusal(
  ends: ConnectionEnds,
  canConnect: (ends: ConnectionEnds) => string | null,
): string | null {
  if (isAttachment(ends.from.port) !== isAttachment(ends.to.port)) {
    return 'What a step uses hangs below it, and what flows comes in on its left.'
  }
  return canConnect(ends)
}
