import type { TeamState } from '../domain/team/team.ts'
import { readModel } from './read-model.ts'

export const teamMembers = readModel<TeamState>()({
  table: 'team_members',
  key: ['team_id', 'user_id'],
  scope: 'team_id',
  columns: { team_id: 'uuid', user_id: 'uuid', role: 'text' },
  rowsOf: ({ id, members }) =>
    [...members.values()]
      .filter(({ role }) => role !== null)
      .map(({ userId, role }) => ({ team_id: id, user_id: userId, role })),
})
