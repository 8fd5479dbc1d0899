import type { Position, TeamId } from '../../../domain/ids.ts'
import type { TeamIndex } from '../../teams/team-index.ts'
import type { AuthDatabase } from './auth-database.ts'

export function createPostgresTeamIndex({ query, transaction }: AuthDatabase): TeamIndex {
  return {
    async load() {
      const teams = (await query('SELECT id FROM auth.team', [])) as { id: TeamId }[]
      const rows = await query('SELECT position FROM auth.team_checkpoint', [])
      const position = Number((rows[0] as { position: string } | undefined)?.position ?? 0)
      return { teamIds: teams.map(({ id }) => id), position: position as Position }
    },
    save: ({ teamIds, position }) =>
      transaction(async (client) => {
        await client.query(
          'INSERT INTO auth.team (id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING',
          [teamIds],
        )
        // Nodes save at different times; none takes the checkpoint back.
        await client.query(
          `INSERT INTO auth.team_checkpoint (position) VALUES ($1) ON CONFLICT (is_single)
           DO UPDATE SET position = greatest(team_checkpoint.position, excluded.position)`,
          [position],
        )
      }),
    async reset() {
      await query('DELETE FROM auth.team_checkpoint', [])
    },
  }
}
