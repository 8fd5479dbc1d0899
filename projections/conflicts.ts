import type { JsonValue } from '../domain/json.ts'
import { conflictsOf, type Conflict } from '../domain/pipeline/conflicts.ts'
import { connectionKey } from '../domain/pipeline/effects.ts'
import { derivedId } from './derived-id.ts'
import type { CreatedPipeline } from './pipeline-fold.ts'
import { readModel } from './read-model.ts'

export const conflicts = readModel<CreatedPipeline>()({
  table: 'conflicts',
  key: ['pipeline_id', 'id'],
  scope: 'pipeline_id',
  columns: {
    pipeline_id: 'uuid',
    id: 'uuid',
    team_id: 'uuid',
    kind: 'text',
    step_id: 'uuid',
    note_id: 'uuid',
    comment_id: 'uuid',
    field: 'text',
    values: 'jsonb',
    connection: 'jsonb',
    blocked_by: 'jsonb',
  },
  rowsOf: ({ state, teamId }) =>
    conflictsOf(state).map((conflict) => ({
      pipeline_id: state.id,
      team_id: teamId,
      kind: conflict.kind,
      ...partsOf(conflict),
    })),
})

function partsOf(conflict: Conflict) {
  if (conflict.kind === 'suspended-connection') {
    return {
      id: derivedId(JSON.stringify([conflict.kind, connectionKey(conflict.connection)])),
      step_id: null,
      note_id: null,
      comment_id: null,
      field: null,
      values: null,
      connection: conflict.connection as unknown as JsonValue,
      blocked_by: conflict.blockedBy as unknown as JsonValue,
    }
  }
  const { kind, stepId = null, noteId = null, commentId = null, field, values } = conflict
  return {
    id: derivedId(JSON.stringify([kind, stepId, noteId, commentId, field])),
    step_id: stepId,
    note_id: noteId,
    comment_id: commentId,
    field,
    values: values as unknown as JsonValue,
    connection: null,
    blocked_by: null,
  }
}
