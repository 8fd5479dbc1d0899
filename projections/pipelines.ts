import { conflictsOf } from '../domain/pipeline/conflicts.ts'
import { exists } from '../domain/pipeline/state.ts'
import { pipelineView } from '../domain/pipeline/view.ts'
import type { CreatedPipeline } from './pipeline-fold.ts'
import { readModel } from './read-model.ts'

export const pipelines = readModel<CreatedPipeline>()({
  table: 'pipelines',
  key: ['id'],
  scope: 'id',
  columns: {
    id: 'uuid',
    team_id: 'uuid',
    name: 'text',
    description: 'text',
    graph_rule: 'text',
    status: 'text',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
    updated_by: 'uuid',
    revision: 'integer',
    step_count: 'integer',
    conflict_count: 'integer',
  },
  rowsOf: ({ state, teamId, revision, createdAt, updatedAt, updatedBy }) => {
    const { id, name, description, graphRule, status } = pipelineView(state)
    let steps = 0
    for (const step of state.steps.values()) if (exists(step)) steps += 1
    return [
      {
        id,
        team_id: teamId,
        name,
        description,
        graph_rule: graphRule,
        status,
        created_at: createdAt,
        updated_at: updatedAt,
        updated_by: updatedBy,
        revision,
        step_count: steps,
        conflict_count: conflictsOf(state).length,
      },
    ]
  },
})
