/** Who a request comes from: the port that HTTP, the sync sessions and the shapes ask. */
import type { ActorId } from '../../domain/ids.ts'

export interface Principal {
  readonly userId: ActorId
  readonly sessionId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface AuthFailure {
  /** `unavailable`: who it is cannot be found out right now. */
  readonly code: 'unauthenticated' | 'unavailable'
  readonly message: string
}

export interface Authenticator {
  /** @param token without `Bearer`; undefined where the request carries none */
  verify(token: string | undefined): Promise<Principal | AuthFailure>
}

export function isPrincipal(answer: Principal | AuthFailure): answer is Principal {
  return 'userId' in answer
}

/** Longer than any token of ours, and than those of identity providers that carry many groups. */
export const MAX_TOKEN_CHARACTERS = 8_192

export const NOT_SIGNED_IN: AuthFailure = {
  code: 'unauthenticated',
  message: 'You are not signed in, or your session has ended. Sign in again.',
}

export const CANNOT_TELL: AuthFailure = {
  code: 'unavailable',
  message: 'Who you are cannot be checked right now. Try again in a moment.',
}
