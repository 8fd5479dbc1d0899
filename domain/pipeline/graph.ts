/** The words of the effective graph: see effective-graph.ts for how it comes about. */
import type { ConnectionEnds } from '../events/pipeline-events.ts'

export type ConnectionStatus = 'active' | 'suspended' | 'dangling'

/** An existing connection with its place in the effective graph; replaced when that changes. */
export interface GraphConnection {
  readonly key: string
  readonly ends: ConnectionEnds
  readonly status: ConnectionStatus
  /**
   * Suspended only: the shortest accepted path from its target back to its source, of a path longer
   * than `limits.blockingConnections` that many from its beginning. Looked for when first read.
   */
  readonly blockedBy?: readonly ConnectionEnds[]
}

/** Another object after every change; what it says is of the state as it is now. */
export interface EffectiveGraph {
  /** Existing connections by key: active, suspended and dangling ones. */
  readonly connections: ReadonlyMap<string, GraphConnection>
  /** The path of accepted connections that a connection would turn into a cycle; null if none. */
  pathBack(ends: ConnectionEnds): readonly ConnectionEnds[] | null
}

/** Keeps the effective graph of one state, and is told what its events touch. */
export interface GraphKeeper {
  touchConnection(key: string): void
  touchStep(id: string): void
}
