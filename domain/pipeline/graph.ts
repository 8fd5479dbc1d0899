/** The words of the effective graph: see effective-graph.ts for how it comes about. */
import type { ConnectionEnds } from '../events/pipeline-events.ts'

export type ConnectionStatus = 'active' | 'suspended' | 'dangling'

/** An existing connection with its place in the effective graph. */
export interface GraphConnection {
  readonly key: string
  readonly ends: ConnectionEnds
  readonly status: ConnectionStatus
  /** Suspended only: the shortest accepted path from its target back to its source. */
  readonly blockedBy?: readonly ConnectionEnds[]
}

export interface EffectiveGraph {
  /** Existing connections by key: active, suspended and dangling ones. */
  readonly connections: ReadonlyMap<string, GraphConnection>
  /** Accepted connections that leave each step, in the order of T. */
  readonly outgoing: ReadonlyMap<string, readonly ConnectionEnds[]>
}
