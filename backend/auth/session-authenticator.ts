import type { Accounts } from './accounts.ts'
import {
  CANNOT_TELL,
  MAX_TOKEN_CHARACTERS,
  NOT_SIGNED_IN,
  type Authenticator,
  type Principal,
} from './authenticator.ts'
import { AuthStoreUnavailable, type AuthStore } from './auth-store.ts'
import { readSessionToken } from './session-token.ts'

export interface SessionAuthenticatorPorts {
  readonly store: Pick<AuthStore, 'liveSession'>
  readonly secret: Uint8Array
  readonly onSessionEnd: Accounts['onSessionEnd']
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A session that another node has ended is taken for so long; one ended here no longer at all. */
const BELIEVED_MS = 1_000
const MAX_BELIEVED = 10_000

/** Takes the tokens that this server signed, for as long as their session lives. */
export function createSessionAuthenticator(ports: SessionAuthenticatorPorts): Authenticator {
  const { store, secret, now } = ports
  // Sockets ask again with every message, far more often than sessions end.
  const believed = new Map<string, { readonly principal: Principal; readonly until: number }>()
  ports.onSessionEnd((sessionId) => believed.delete(sessionId))

  async function livePrincipal(sessionId: string): Promise<Principal | null> {
    const known = believed.get(sessionId)
    if (known && now() < Math.min(known.until, known.principal.expiresAt)) return known.principal
    const session = await store.liveSession(sessionId)
    believed.delete(sessionId)
    if (!session) return null
    const principal = { userId: session.accountId, sessionId, expiresAt: session.expiresAt }
    believed.set(sessionId, { principal, until: now() + BELIEVED_MS })
    if (believed.size > MAX_BELIEVED) believed.delete(believed.keys().next().value!)
    return principal
  }

  return {
    async verify(token) {
      if (!token || token.length > MAX_TOKEN_CHARACTERS) return NOT_SIGNED_IN
      const claimed = await readSessionToken(token, secret)
      if (!claimed) return NOT_SIGNED_IN
      try {
        const principal = await livePrincipal(claimed.id)
        return principal?.userId === claimed.accountId ? principal : NOT_SIGNED_IN
      } catch (error) {
        if (error instanceof AuthStoreUnavailable) return CANNOT_TELL
        throw error
      }
    },
  }
}
