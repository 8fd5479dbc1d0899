/** Changes of a team: decided on its newest state, and decided again when somebody was faster. */
import { teamStream, type ActorId, type TeamId } from '../../domain/ids.ts'
import { LogUnavailable, type EventLog } from '../../domain/log/event-log.ts'
import { atLeast, type Role } from '../../domain/team/roles.ts'
import type { TeamChange } from '../../domain/team/team-events.ts'
import { decideMember, roleIn, type TeamRejection, type TeamState } from '../../domain/team/team.ts'
import { serverEvent } from '../auth/server-event.ts'
import type { TeamAt, TeamDirectory } from './team-directory.ts'

export type TeamResult =
  { readonly ok: true; readonly team: TeamAt } | ({ readonly ok: false } & TeamRejection)

/** A change, a refusal, or null where everything is as it should be already. */
export type TeamDecision = TeamChange | TeamRejection | null

/** Every method throws LogUnavailable when the log does not answer. */
export interface TeamCommands {
  rename(by: ActorId, teamId: TeamId, name: string): Promise<TeamResult>
  changeRole(by: ActorId, teamId: TeamId, userId: ActorId, role: Role): Promise<TeamResult>
  /** Owners remove anybody; everybody removes themselves. */
  removeMember(by: ActorId, teamId: TeamId, userId: ActorId): Promise<TeamResult>
  /** Records an invitation, whose token is not part of it. */
  recordInvitation(
    by: ActorId,
    teamId: TeamId,
    invitation: { readonly role: Role; readonly expiresAt: string },
  ): Promise<TeamResult>
}

export interface TeamCommandPorts {
  readonly log: EventLog
  readonly directory: Pick<TeamDirectory, 'refresh'>
}

/** How often a change is decided again before the person is told to retry. */
const MAX_ATTEMPTS = 20

const NO_SUCH_TEAM: TeamRejection = { code: 'not-found', message: 'There is no such team.' }

export function createTeamCommands(ports: TeamCommandPorts): TeamCommands {
  const execute = (by: ActorId, teamId: TeamId, decide: (state: TeamState) => TeamDecision) =>
    executeOn(ports, by, teamId, decide)

  return {
    rename: (by, teamId, name) =>
      execute(by, teamId, (state) =>
        state.name === name
          ? refuseUnlessOwner(state, by, 'rename it')
          : byOwner(state, by, 'rename it', { type: 'TeamRenamed', payload: { name } }),
      ),
    changeRole: (by, teamId, userId, role) =>
      execute(by, teamId, (state) => {
        const decided = decideMember(state, by, userId, role)
        return 'type' in decided && roleIn(state, userId) === role ? null : decided
      }),
    removeMember: (by, teamId, userId) =>
      execute(by, teamId, (state) => decideMember(state, by, userId, null)),
    recordInvitation: (by, teamId, payload) =>
      execute(by, teamId, (state) =>
        byOwner(state, by, 'invite people', { type: 'MemberInvited', payload }),
      ),
  }
}

function refuseUnlessOwner(state: TeamState, by: ActorId, what: string): TeamRejection | null {
  const role = roleIn(state, by)
  if (!role) return NO_SUCH_TEAM
  if (atLeast(role, 'owner')) return null
  return { code: 'forbidden', message: `Only an owner of the team may ${what}.` }
}

function byOwner(state: TeamState, by: ActorId, what: string, change: TeamChange): TeamDecision {
  return refuseUnlessOwner(state, by, what) ?? change
}

async function executeOn(
  { log, directory }: TeamCommandPorts,
  by: ActorId,
  teamId: TeamId,
  decide: (state: TeamState) => TeamDecision,
): Promise<TeamResult> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const team = await directory.refresh(teamId)
    const decision = decide(team.state)
    if (decision === null) return { ok: true, team }
    if ('code' in decision) return { ok: false, ...decision }
    const streamId = teamStream(teamId)
    const result = await log.append({
      streamId,
      expectedRevision: team.revision,
      events: [serverEvent(streamId, by, decision)],
    })
    if (result.ok) return { ok: true, team: await directory.refresh(teamId) }
  }
  throw new LogUnavailable('Too many people are changing this team at the moment.')
}
