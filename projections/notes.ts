import { exists, type Thing } from '../domain/pipeline/state.ts'
import { noteView } from '../domain/pipeline/view.ts'
import { lastWrite, timeOf } from './last-write.ts'
import type { CreatedPipeline } from './pipeline-fold.ts'
import { readModel } from './read-model.ts'
import { memoizedRows } from './row-memo.ts'

const noteRows = memoizedRows((note: Thing, pipeline) => {
  const { id, text, placement, size } = noteView(note)
  const { hlc, actorId } = lastWrite(note)
  return {
    pipeline_id: pipeline.state.id,
    id,
    team_id: pipeline.teamId,
    text,
    x: placement.x,
    y: placement.y,
    width: size.width,
    height: size.height,
    updated_at: timeOf(hlc),
    updated_by: actorId,
  }
})

export const notes = readModel<CreatedPipeline>()({
  table: 'notes',
  key: ['pipeline_id', 'id'],
  scope: 'pipeline_id',
  columns: {
    pipeline_id: 'uuid',
    id: 'uuid',
    team_id: 'uuid',
    text: 'text',
    x: 'double precision',
    y: 'double precision',
    width: 'double precision',
    height: 'double precision',
    updated_at: 'timestamptz',
    updated_by: 'uuid',
  },
  rowsOf: (pipeline) => noteRows([...pipeline.state.notes.values()].filter(exists), pipeline),
})
