import type { TeamState } from '../domain/team/team.ts'
import { readModel } from './read-model.ts'

export const teams = readModel<TeamState>()({
  table: 'teams',
  key: ['id'],
  scope: 'id',
  columns: { id: 'uuid', team_id: 'uuid', name: 'text' },
  rowsOf: ({ id, name }) => (name === null ? [] : [{ id, team_id: id, name }]),
})
