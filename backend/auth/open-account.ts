/** Makes an account, with the team that it founds or joins. */
import { v7 as uuidv7 } from 'uuid'
import { accountStream, teamStream, type ActorId, type TeamId } from '../../domain/ids.ts'
import type { Announcer } from './announcer.ts'
import type { AccountRequest, Announcement, AuthStore, Welcome } from './auth-store.ts'
import { serverEvent } from './server-event.ts'

export interface Person {
  readonly name: string
  readonly email: string | null
  readonly passwordHash: string | null
  readonly subject: string | null
  /** Of the first team, where this person founds it. */
  readonly teamName?: string | undefined
}

export type OpenOutcome =
  | { readonly ok: true; readonly userId: ActorId }
  | { readonly ok: false; readonly reason: 'taken' | 'invitation-needed' | 'invitation-void' }

export interface AccountPorts {
  readonly store: Pick<AuthStore, 'createAccount'>
  readonly announcer: Pick<Announcer, 'announce'>
}

/**
 * When it has answered, account and membership are in the log. When it throws, the account may
 * exist; then its events follow by themselves as soon as the log can be reached.
 * @throws AuthStoreUnavailable or LogUnavailable
 */
export async function openAccount(
  { store, announcer }: AccountPorts,
  person: Person,
  entrance: AccountRequest['entrance'],
): Promise<OpenOutcome> {
  const userId = uuidv7() as ActorId
  const { email, passwordHash, subject } = person
  const outcome = await store.createAccount({
    account: { id: userId, email, passwordHash, subject },
    entrance,
    announce: (welcome) => announcementsOf(userId, person, welcome),
  })
  if (!outcome.ok) return outcome
  await announcer.announce(outcome.announcements)
  return { ok: true, userId: outcome.accountId }
}

function announcementsOf(userId: ActorId, person: Person, welcome: Welcome): Announcement[] {
  if (welcome.kind === 'heir') return [naming('AccountChanged', welcome.accountId, person)]
  const created = naming('AccountCreated', userId, person)
  if (welcome.kind === 'trusted') return [created]
  return [created, welcome.kind === 'founder' ? founding(userId, person) : joining(welcome, userId)]
}

function naming(
  type: 'AccountCreated' | 'AccountChanged',
  userId: ActorId,
  { name }: Person,
): Announcement {
  const streamId = accountStream(userId)
  return { streamId, events: [serverEvent(streamId, userId, { type, payload: { name } })] }
}

function founding(userId: ActorId, { name, teamName }: Person): Announcement {
  const teamId = uuidv7() as TeamId
  const { streamId, events } = joining({ teamId, role: 'owner' }, userId)
  const payload = { name: teamName ?? `${name}'s team` }
  const created = serverEvent(streamId, userId, { type: 'TeamCreated', payload })
  return { streamId, events: [created, ...events] }
}

/** The announcement of somebody's joining a team. */
export function joining(
  { teamId, role }: Pick<Extract<Welcome, { kind: 'invited' }>, 'teamId' | 'role'>,
  userId: ActorId,
): Announcement {
  const streamId = teamStream(teamId)
  const joined = { type: 'MemberJoined', payload: { userId, role } } as const
  return { streamId, events: [serverEvent(streamId, userId, joined)] }
}
