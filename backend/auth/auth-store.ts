/** What is kept of accounts outside the event log, as a port. */
import type { ServerEvent } from '../../domain/events/event.ts'
import type { ActorId, StreamId, TeamId } from '../../domain/ids.ts'
import type { Role } from '../../domain/team/roles.ts'

export interface Account {
  readonly id: ActorId
  /** Lower case; null for somebody of an identity provider that tells no address. */
  readonly email: string | null
  /** Argon2id in PHC form; null where there is no password to sign in with. */
  readonly passwordHash: string | null
}

export interface NewAccount extends Account {
  /** Who this is to an identity provider. */
  readonly subject: string | null
}

/** Events of one stream that follow from a row of the store and have yet to reach the log. */
export interface Announcement {
  readonly streamId: StreamId
  /** At least one; the first one's id is the announcement's. */
  readonly events: readonly ServerEvent[]
}

/** The subject of the account that AUTH_MODE=insecure makes. */
export const LOCAL_SUBJECT = 'local'

/**
 * What an account comes with: the first team; what the account of AUTH_MODE=insecure has, which the
 * first person to sign up takes over; a place in a team; or nothing.
 */
export type Welcome =
  | { readonly kind: 'founder' }
  | { readonly kind: 'heir'; readonly accountId: ActorId }
  | { readonly kind: 'invited'; readonly teamId: TeamId; readonly role: Role }
  | { readonly kind: 'trusted' }

export interface AccountRequest {
  readonly account: NewAccount
  /** `trusted` needs no invitation: an identity provider speaks for the person. */
  readonly entrance: { readonly invitation: Uint8Array | null } | 'trusted'
  /** The events of the welcome that the account gets. */
  readonly announce: (welcome: Welcome) => readonly Announcement[]
}

export type AccountOutcome =
  | {
      readonly ok: true
      /** The one of the request, or that of the account taken over. */
      readonly accountId: ActorId
      readonly announcements: readonly Announcement[]
    }
  | { readonly ok: false; readonly reason: 'taken' | 'invitation-needed' | 'invitation-void' }

export interface Session {
  readonly id: string
  readonly accountId: ActorId
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface Invitation {
  /** SHA-256 of the token. */
  readonly tokenHash: Uint8Array
  readonly teamId: TeamId
  readonly role: Role
  /** Where it is given, only the account of this address may accept. */
  readonly email: string | null
  readonly invitedBy: ActorId
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Every method throws AuthStoreUnavailable when the store does not answer. */
export interface AuthStore {
  /**
   * Makes an account, uses up its invitation and keeps its announcements, all or nothing. The first
   * person to sign up needs no invitation; of two that come at once one is the first.
   */
  createAccount(request: AccountRequest): Promise<AccountOutcome>
  accountById(id: ActorId): Promise<Account | null>
  accountByEmail(email: string): Promise<Account | null>
  accountBySubject(subject: string): Promise<Account | null>
  /** The first account; null before there is any. */
  founder(): Promise<Account | null>
  /** Whether the next person to sign up needs no invitation. */
  awaitsFounder(): Promise<boolean>

  addSession(session: Session): Promise<void>
  /** A session that has neither expired nor been revoked. */
  liveSession(id: string): Promise<Session | null>
  revokeSession(id: string): Promise<void>

  addInvitation(invitation: Invitation): Promise<void>
  /** With who used it, if anybody; also one that has expired. */
  invitation(tokenHash: Uint8Array): Promise<(Invitation & { usedBy: ActorId | null }) | null>
  /** Uses an invitation up; false where it is used or has expired. Keeps the announcement with it. */
  useInvitation(tokenHash: Uint8Array, by: ActorId, announcement: Announcement): Promise<boolean>

  /** The oldest announcements that may not be in the log yet. */
  pendingAnnouncements(limit: number): Promise<Announcement[]>
  /** Forgets an announcement that is in the log. */
  settleAnnouncement(announcement: Announcement): Promise<void>
}

/** The store cannot be reached, or did not say what became of a request. */
export class AuthStoreUnavailable extends Error {
  readonly code = 'unavailable'
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AuthStoreUnavailable'
  }
}
