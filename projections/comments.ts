import { exists, type Thing } from '../domain/pipeline/state.ts'
import { commentView } from '../domain/pipeline/view.ts'
import { lastWrite, timeOf } from './last-write.ts'
import type { CreatedPipeline } from './pipeline-fold.ts'
import { readModel } from './read-model.ts'
import { memoizedRows } from './row-memo.ts'

const commentRows = memoizedRows((comment: Thing, pipeline) => {
  const { id, stepId, replyTo, authorId, body, resolved } = commentView(comment)
  return {
    pipeline_id: pipeline.state.id,
    id,
    team_id: pipeline.teamId,
    step_id: stepId,
    reply_to: replyTo,
    author_id: authorId,
    body,
    resolved,
    created_at: timeOf(comment.adds[0]!.hlc),
    updated_at: timeOf(lastWrite(comment).hlc),
  }
})

export const comments = readModel<CreatedPipeline>()({
  table: 'comments',
  key: ['pipeline_id', 'id'],
  scope: 'pipeline_id',
  columns: {
    pipeline_id: 'uuid',
    id: 'uuid',
    team_id: 'uuid',
    step_id: 'uuid',
    reply_to: 'uuid',
    author_id: 'uuid',
    body: 'text',
    resolved: 'boolean',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  },
  rowsOf: (pipeline) => commentRows([...pipeline.state.comments.values()].filter(exists), pipeline),
})
