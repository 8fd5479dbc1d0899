/** What the editor asks of the server over HTTP. */
import type { Role } from '../../domain/team/roles.ts'
import type { HttpClient } from './http-client.ts'

export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
}

export interface Membership {
  readonly id: string
  readonly name: string
  readonly role: Role
}

/** A sign-in: who, in which teams, with the token that proves it. */
export interface SignIn {
  readonly token: string
  readonly user: Person
  readonly teams: readonly Membership[]
}

export interface Account {
  readonly user: Person
  readonly teams: readonly Membership[]
}

export interface TeamMember {
  readonly userId: string
  readonly name: string
  readonly role: Role
}

export interface Team {
  readonly id: string
  readonly name: string
  readonly members: readonly TeamMember[]
  /** Those who left: their names stand in the history. */
  readonly former: readonly { readonly userId: string; readonly name: string }[]
}

export interface Invitation {
  readonly token: string
  readonly url: string
  readonly expiresAt: string
}

/** What an invitation link shows before it is accepted. */
export interface InvitationPreview {
  readonly team: { readonly id: string; readonly name: string }
  readonly role: Role
  readonly expiresAt: string
}

/** What the server makes public, before anybody signs in. */
export interface PublicConfig {
  /** Whether nobody has an account yet, so that the first one needs no invitation. */
  readonly firstSignUp: boolean
  readonly syncBatchSize: number
  /** Events. */
  readonly maxOfflineQueue: number
  /** Milliseconds between attempts to connect. */
  readonly retryIntervals: readonly number[]
}

/** Every method throws an `ApiError`, whose message is a sentence for the person. */
export interface Api {
  config(): Promise<PublicConfig>
  signUp(form: {
    name: string
    email: string
    password: string
    invitation?: string
    /** The name of the first team, for the first account. */
    teamName?: string
  }): Promise<SignIn>
  signIn(form: { email: string; password: string }): Promise<SignIn>
  signOut(): Promise<void>
  me(): Promise<Account>
  team(id: string): Promise<Team>
  invite(teamId: string, role: Role): Promise<Invitation>
  invitation(token: string): Promise<InvitationPreview>
  acceptInvitation(token: string): Promise<void>
  changeRole(teamId: string, userId: string, role: Role): Promise<void>
  removeMember(teamId: string, userId: string): Promise<void>
}

export function createApi(http: HttpClient): Api {
  const at = (...parts: string[]) => `/api/${parts.map(encodeURIComponent).join('/')}`
  const get = async <T>(path: string) => (await http.send('GET', path)) as T
  const post = async <T>(path: string, body?: unknown) => (await http.send('POST', path, body)) as T
  return {
    config: () => get(at('config')),
    signUp: (form) => post(at('auth', 'signup'), form),
    signIn: (form) => post(at('auth', 'login'), form),
    signOut: () => post(at('auth', 'logout')),
    me: () => get(at('me')),
    team: (id) => get(at('teams', id)),
    invite: (teamId, role) => post(at('teams', teamId, 'invitations'), { role }),
    invitation: (token) => get(at('invitations', token)),
    acceptInvitation: (token) => post(at('invitations', token, 'accept')),
    changeRole: async (teamId, userId, role) => {
      await http.send('PATCH', at('teams', teamId, 'members', userId), { role })
    },
    removeMember: async (teamId, userId) => {
      await http.send('DELETE', at('teams', teamId, 'members', userId))
    },
  }
}
