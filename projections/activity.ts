import type { CreatedPipeline, Gesture } from './pipeline-fold.ts'
import { readModel } from './read-model.ts'
import { memoizedRows } from './row-memo.ts'

const gestureRows = memoizedRows((gesture: Gesture, pipeline) => ({
  pipeline_id: pipeline.state.id,
  intent_id: gesture.intentId,
  team_id: pipeline.teamId,
  actor_id: gesture.actorId,
  kind: gesture.kind,
  events: gesture.events,
  first_revision: gesture.firstRevision,
  last_revision: gesture.lastRevision,
  at: gesture.at,
}))

export const activity = readModel<CreatedPipeline>()({
  table: 'activity',
  key: ['pipeline_id', 'intent_id'],
  scope: 'pipeline_id',
  columns: {
    pipeline_id: 'uuid',
    intent_id: 'uuid',
    team_id: 'uuid',
    actor_id: 'uuid',
    kind: 'text',
    events: 'integer',
    first_revision: 'integer',
    last_revision: 'integer',
    at: 'timestamptz',
  },
  rowsOf: (pipeline) => gestureRows(pipeline.gestures.values(), pipeline),
})
