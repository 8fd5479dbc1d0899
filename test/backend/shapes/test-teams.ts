import type { MembershipListener, TeamDirectory } from '../../../backend/teams/team-directory.ts'
import type { ActorId, TeamId } from '../../../domain/ids.ts'

/** The n-th uuid of a kind, `a` to `f`. */
export const uuid = (kind: string, n: number) =>
  `${kind.repeat(8)}-0000-7000-8000-${String(n).padStart(12, '0')}`

export const teamId = (n: number) => uuid('a', n) as TeamId
export const userId = (n: number) => uuid('b', n) as ActorId
export const pipelineId = (n: number) => uuid('c', n)

/** Teams in memory, which tell of every change like those of the server. */
export class TestTeams implements Pick<TeamDirectory, 'teamsOf' | 'onMembershipChange'> {
  private readonly members = new Map<ActorId, Set<TeamId>>()
  private readonly listeners = new Set<MembershipListener>()

  join(user: ActorId, team: TeamId): void {
    this.members.set(user, (this.members.get(user) ?? new Set()).add(team))
    this.tell(team, user, 'viewer')
  }

  leave(user: ActorId, team: TeamId): void {
    this.members.get(user)?.delete(team)
    this.tell(team, user, null)
  }

  teamsOf = async (user: ActorId) =>
    [...(this.members.get(user) ?? [])].map((id) => ({ id, name: id, role: 'viewer' as const }))

  onMembershipChange = (listener: MembershipListener) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private tell(...change: Parameters<MembershipListener>): void {
    for (const listener of this.listeners) listener(...change)
  }
}
