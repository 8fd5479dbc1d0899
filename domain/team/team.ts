/** A team and an account as their streams tell them. Streams with one writer: no merge is needed. */
import type { ServerEvent } from '../events/event.ts'
import type { ActorId, TeamId } from '../ids.ts'
import { atLeast, type Role } from './roles.ts'
import { readAccountChange, readTeamChange, type TeamChange } from './team-events.ts'

export interface Member {
  readonly userId: ActorId
  /** Null once the member has left. */
  readonly role: Role | null
}

export interface TeamState {
  readonly id: TeamId
  /** Null until the team is created. */
  readonly name: string | null
  /** Everyone who ever was a member, in the order of joining. */
  readonly members: ReadonlyMap<ActorId, Member>
}

export interface AccountState {
  readonly id: ActorId
  readonly name: string | null
  readonly avatarUrl: string | null
}

export const initialTeam = (id: TeamId): TeamState => ({ id, name: null, members: new Map() })
export const initialAccount = (id: ActorId): AccountState => ({ id, name: null, avatarUrl: null })

export function evolveTeam(state: TeamState, event: ServerEvent): TeamState {
  const change = readTeamChange(event)
  if (!change) return state
  switch (change.type) {
    case 'TeamCreated':
    case 'TeamRenamed':
      return { ...state, name: change.payload.name }
    case 'MemberInvited':
      return state
    case 'MemberJoined':
    case 'MemberRoleChanged':
      return withMember(state, change.payload.userId, change.payload.role)
    case 'MemberRemoved':
      return withMember(state, change.payload.userId, null)
  }
}

export function evolveAccount(state: AccountState, event: ServerEvent): AccountState {
  const change = readAccountChange(event)
  if (!change) return state
  const { name = state.name, avatarUrl = state.avatarUrl } = change.payload
  return { ...state, name, avatarUrl }
}

function withMember(state: TeamState, userId: ActorId, role: Role | null): TeamState {
  return { ...state, members: new Map(state.members).set(userId, { userId, role }) }
}

/** A member's role; null for a stranger and for somebody who has left. */
export function roleIn(state: TeamState, userId: ActorId): Role | null {
  return state.members.get(userId)?.role ?? null
}

/** A refused change of a team: a code for programs and a sentence for people. */
export interface TeamRejection {
  readonly code: 'forbidden' | 'not-found' | 'last-owner'
  readonly message: string
}

/**
 * Decides on changing a member's role, or on removing the member where `role` is null. Members may
 * remove themselves; everything else takes an owner, and the last owner stays.
 */
export function decideMember(
  state: TeamState,
  by: ActorId,
  userId: ActorId,
  role: Role | null,
): TeamChange | TeamRejection {
  const own = roleIn(state, by)
  const current = roleIn(state, userId)
  if (!own) return { code: 'not-found', message: 'There is no such team.' }
  const leaving = by === userId && role === null
  if (!leaving && !atLeast(own, 'owner')) {
    return { code: 'forbidden', message: 'Only an owner of the team may change its members.' }
  }
  if (!current) return { code: 'not-found', message: 'This person is not a member of the team.' }
  const owners = [...state.members.values()].filter((member) => member.role === 'owner')
  if (current === 'owner' && role !== 'owner' && owners.length === 1) {
    return {
      code: 'last-owner',
      message: 'A team keeps at least one owner. Make somebody else owner first.',
    }
  }
  return role
    ? { type: 'MemberRoleChanged', payload: { userId, role } }
    : { type: 'MemberRemoved', payload: { userId } }
}
