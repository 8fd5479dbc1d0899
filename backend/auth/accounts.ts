/** Signing up, in and out. */
import { v7 as uuidv7 } from 'uuid'
import { isUuid, type ActorId } from '../../domain/ids.ts'
import type { AuthStore, Invitation } from './auth-store.ts'
import type { Principal } from './authenticator.ts'
import { openAccount, type AccountPorts } from './open-account.ts'
import { hashPassword, isPassword } from './password-hash.ts'
import { hashOfToken } from './secret-token.ts'
import { signSessionToken } from './session-token.ts'

/** How long a sign-in lasts. */
export const SESSION_MS = 30 * 24 * 3_600_000

export interface SignUp {
  readonly name: string
  readonly email: string
  readonly password: string
  /** An invitation's token; the first account of all needs none. */
  readonly invitation?: string | undefined
  /** The name of the first team. */
  readonly teamName?: string | undefined
}

export interface LogIn {
  readonly email: string
  readonly password: string
}

export interface SignedIn {
  readonly token: string
  readonly userId: ActorId
}

export interface AccountRejection {
  readonly code: 'unauthenticated' | 'forbidden' | 'email-taken'
  readonly message: string
}

export interface Accounts {
  /** @throws AuthStoreUnavailable or LogUnavailable; then the account may exist: sign in */
  signUp(request: SignUp): Promise<SignedIn | AccountRejection>
  logIn(request: LogIn): Promise<SignedIn | AccountRejection>
  /** Ends the session at once, on every device that copied its token. */
  logOut(principal: Principal): Promise<void>
  emailOf(userId: ActorId): Promise<string | null>
  /** Whether nobody has signed up yet, so that the next one needs no invitation. */
  awaitsFounder(): Promise<boolean>
  /** Calls back when a session is ended by `logOut`. Returns what stops it. */
  onSessionEnd(listener: (sessionId: string) => void): () => void
}

export interface AccountsPorts extends AccountPorts {
  readonly store: AuthStore
  /** An invitation that may still be accepted. */
  readonly openInvitation: (token: string) => Promise<Invitation | null>
  readonly secret: Uint8Array
}

const INVITATION_NEEDED: AccountRejection = {
  code: 'forbidden',
  message: 'Signing up needs an invitation. Ask an owner of the team for a link.',
}
const INVITATION_VOID: AccountRejection = {
  code: 'forbidden',
  message: 'This invitation was used, has expired or was withdrawn. Ask for another link.',
}
const OTHER_ADDRESS: AccountRejection = {
  code: 'forbidden',
  message: 'This invitation was made for another e-mail address. Use that one, or ask for another.',
}
const EMAIL_TAKEN: AccountRejection = {
  code: 'email-taken',
  message: 'There is an account with this e-mail address. Sign in, then open the invitation again.',
}
const WRONG: AccountRejection = {
  code: 'unauthenticated',
  message: 'The e-mail address or the password is wrong.',
}

export function createAccounts(ports: AccountsPorts): Accounts {
  const { store, secret, openInvitation } = ports
  const listeners = new Set<(sessionId: string) => void>()

  async function signIn(userId: ActorId): Promise<SignedIn> {
    const session = { id: uuidv7(), accountId: userId, expiresAt: Date.now() + SESSION_MS }
    await store.addSession(session)
    return { token: await signSessionToken(session, secret), userId }
  }

  /** What can be refused before the costly hash is made. */
  async function refuseEarly({ email, invitation }: SignUp): Promise<AccountRejection | null> {
    if (invitation === undefined) return (await store.awaitsFounder()) ? null : INVITATION_NEEDED
    const open = await openInvitation(invitation)
    if (!open) return (await store.founder()) ? INVITATION_VOID : null
    if (open.email !== null && open.email !== email) return OTHER_ADDRESS
    return (await store.accountByEmail(email)) ? EMAIL_TAKEN : null
  }

  return {
    async signUp(request) {
      const refused = await refuseEarly(request)
      if (refused) return refused
      const { name, email, password, invitation, teamName } = request
      const passwordHash = await hashPassword(password)
      const outcome = await openAccount(
        ports,
        { name, email, passwordHash, subject: null, teamName },
        { invitation: invitation === undefined ? null : hashOfToken(invitation) },
      )
      if (outcome.ok) return signIn(outcome.userId)
      if (outcome.reason === 'taken') return EMAIL_TAKEN
      return outcome.reason === 'invitation-needed' ? INVITATION_NEEDED : INVITATION_VOID
    },

    async logIn({ email, password }) {
      const account = await store.accountByEmail(email)
      const right = await isPassword(password, account?.passwordHash ?? null)
      return account && right ? signIn(account.id) : WRONG
    },

    async logOut({ sessionId }) {
      // Those of an identity provider are not ours to end.
      if (!isUuid(sessionId)) return
      await store.revokeSession(sessionId)
      for (const listener of listeners) listener(sessionId)
    },

    emailOf: async (userId) => (await store.accountById(userId))?.email ?? null,
    awaitsFounder: () => store.awaitsFounder(),
    onSessionEnd(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
