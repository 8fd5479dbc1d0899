import type { ConnectionEnds } from '../domain/events/pipeline-events.ts'
import type { JsonValue } from '../domain/json.ts'
import { effectiveGraph } from '../domain/pipeline/effective-graph.ts'
import type { GraphConnection } from '../domain/pipeline/graph.ts'
import { connectionKey } from '../domain/pipeline/effects.ts'
import { derivedId } from './derived-id.ts'
import type { CreatedPipeline } from './pipeline-fold.ts'
import { readModel } from './read-model.ts'
import { memoizedRows } from './row-memo.ts'

/** The id of a connection's row, made of its four values. */
export function connectionId(ends: ConnectionEnds): string {
  const known = ids.get(ends)
  if (known) return known
  const id = derivedId(connectionKey(ends))
  ids.set(ends, id)
  return id
}

// The graph is made anew whenever a connection comes or goes; the ends in it stay the same objects.
const ids = new WeakMap<ConnectionEnds, string>()

const connectionRows = memoizedRows(({ ends, status, blockedBy }: GraphConnection, pipeline) => ({
  pipeline_id: pipeline.state.id,
  id: connectionId(ends),
  team_id: pipeline.teamId,
  from_step: ends.from.stepId,
  from_port: ends.from.port,
  to_step: ends.to.stepId,
  to_port: ends.to.port,
  status,
  blocked_by: (blockedBy ?? null) as JsonValue,
}))

export const connections = readModel<CreatedPipeline>()({
  table: 'connections',
  key: ['pipeline_id', 'id'],
  scope: 'pipeline_id',
  columns: {
    pipeline_id: 'uuid',
    id: 'uuid',
    team_id: 'uuid',
    from_step: 'uuid',
    from_port: 'text',
    to_step: 'uuid',
    to_port: 'text',
    status: 'text',
    blocked_by: 'jsonb',
  },
  rowsOf: (pipeline) =>
    connectionRows(effectiveGraph(pipeline.state).connections.values(), pipeline),
})
