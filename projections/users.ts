import type { TeamId } from '../domain/ids.ts'
import type { AccountState } from '../domain/team/team.ts'
import { readModel } from './read-model.ts'

/** A person, and every team that they are or ever were a member of. */
export interface Person {
  readonly account: AccountState
  readonly teamIds: Iterable<TeamId>
}

export const users = readModel<Person>()({
  table: 'users',
  key: ['team_id', 'id'],
  scope: 'id',
  columns: { team_id: 'uuid', id: 'uuid', name: 'text', avatar_url: 'text' },
  // A membership may come before the account's own events: the name is empty until these do.
  rowsOf: ({ account: { id, name, avatarUrl }, teamIds }) =>
    Array.from(teamIds, (team_id) => ({ team_id, id, name: name ?? '', avatar_url: avatarUrl })),
})
