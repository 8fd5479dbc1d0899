import type { TeamIndex } from '../../../backend/teams/team-index.ts'
import type { Position, TeamId } from '../../../domain/ids.ts'

/** The team index in memory: what survives when a directory is opened again. */
export class MemoryTeamIndex implements TeamIndex {
  readonly teamIds = new Set<TeamId>()
  position = 0 as Position
  failNextSave = false

  readonly load = async () => ({ teamIds: [...this.teamIds], position: this.position })
  readonly save: TeamIndex['save'] = async ({ teamIds, position }) => {
    if (this.failNextSave) {
      this.failNextSave = false
      throw new Error('the index is away')
    }
    for (const id of teamIds) this.teamIds.add(id)
    this.position = Math.max(this.position, position) as Position
  }
  readonly reset = async () => void (this.position = 0 as Position)
}
