import { exists, type Thing } from '../domain/pipeline/state.ts'
import { stepView } from '../domain/pipeline/view.ts'
import { lastWrite, timeOf } from './last-write.ts'
import type { CreatedPipeline } from './pipeline-fold.ts'
import { readModel } from './read-model.ts'
import { memoizedRows } from './row-memo.ts'

const stepRows = memoizedRows((step: Thing, pipeline) => {
  const { id, kind, name, placement, config, enabled, foreign } = stepView(step)
  const { hlc, actorId } = lastWrite(step)
  return {
    pipeline_id: pipeline.state.id,
    id,
    team_id: pipeline.teamId,
    kind,
    name,
    x: placement.x,
    y: placement.y,
    config,
    enabled,
    foreign: foreign ?? null,
    updated_at: timeOf(hlc),
    updated_by: actorId,
  }
})

export const steps = readModel<CreatedPipeline>()({
  table: 'steps',
  key: ['pipeline_id', 'id'],
  scope: 'pipeline_id',
  columns: {
    pipeline_id: 'uuid',
    id: 'uuid',
    team_id: 'uuid',
    kind: 'text',
    name: 'text',
    x: 'double precision',
    y: 'double precision',
    config: 'jsonb',
    enabled: 'boolean',
    foreign: 'jsonb',
    updated_at: 'timestamptz',
    updated_by: 'uuid',
  },
  rowsOf: (pipeline) => stepRows([...pipeline.state.steps.values()].filter(exists), pipeline),
})
