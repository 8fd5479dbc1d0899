import type { ActorId } from '../../domain/ids.ts'
import { LogUnavailable } from '../../domain/log/event-log.ts'
import { AuthStoreUnavailable, LOCAL_SUBJECT, type AuthStore } from './auth-store.ts'
import { CANNOT_TELL, type Authenticator } from './authenticator.ts'
import { openAccount, type AccountPorts } from './open-account.ts'
import { SESSION_MS } from './accounts.ts'

/**
 * AUTH_MODE=insecure: nobody signs in, and everything is done by the first account; where there is
 * none yet, one is made.
 */
export function createLocalAuthenticator(
  ports: AccountPorts & { readonly store: Pick<AuthStore, 'founder' | 'createAccount'> },
): Authenticator {
  async function findOrMake(): Promise<ActorId> {
    const known = await ports.store.founder()
    if (known) return known.id
    const person = { name: 'Local user', email: null, passwordHash: null, subject: LOCAL_SUBJECT }
    const opened = await openAccount(ports, person, 'trusted')
    // Taken: another node has just made it.
    return opened.ok ? opened.userId : (await ports.store.founder())!.id
  }

  // One for all requests, so that none sees the account before its team is there.
  let founder: Promise<ActorId> | undefined

  return {
    async verify() {
      try {
        const userId = await (founder ??= findOrMake())
        return { userId, sessionId: 'local', expiresAt: Date.now() + SESSION_MS }
      } catch (error) {
        founder = undefined
        if (error instanceof AuthStoreUnavailable || error instanceof LogUnavailable) {
          return CANNOT_TELL
        }
        throw error
      }
    },
  }
}
