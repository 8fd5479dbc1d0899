import type { TaggedVersion } from '../domain/pipeline/state.ts'
import { timeOf } from './last-write.ts'
import type { CreatedPipeline } from './pipeline-fold.ts'
import { readModel } from './read-model.ts'
import { memoizedRows } from './row-memo.ts'

const versionRows = memoizedRows(({ id, label, note, cut, stamp }: TaggedVersion, pipeline) => ({
  pipeline_id: pipeline.state.id,
  id,
  team_id: pipeline.teamId,
  number: pipeline.versionNumbers.get(id)!,
  label,
  note: note ?? null,
  cut,
  created_at: timeOf(stamp.hlc),
  created_by: stamp.actorId,
}))

export const pipelineVersions = readModel<CreatedPipeline>()({
  table: 'pipeline_versions',
  key: ['pipeline_id', 'id'],
  scope: 'pipeline_id',
  columns: {
    pipeline_id: 'uuid',
    id: 'uuid',
    team_id: 'uuid',
    number: 'integer',
    label: 'text',
    note: 'text',
    cut: 'jsonb',
    created_at: 'timestamptz',
    created_by: 'uuid',
  },
  rowsOf: (pipeline) => versionRows(pipeline.state.versions.values(), pipeline),
})
