/** Sign-in tokens: JWT with HS256, naming a person and a session. */
import { errors, jwtVerify, SignJWT } from 'jose'
import { isUuid, type ActorId } from '../../domain/ids.ts'
import type { Session } from './auth-store.ts'

const ALGORITHM = 'HS256'
const ISSUER = 'tributary'

export function signSessionToken(session: Session, secret: Uint8Array): Promise<string> {
  return new SignJWT({ sid: session.id })
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuer(ISSUER)
    .setSubject(session.accountId)
    .setIssuedAt()
    .setExpirationTime(Math.floor(session.expiresAt / 1_000))
    .sign(secret)
}

/** What a token says; null where it is no token of ours, was changed, or has expired. */
export async function readSessionToken(
  token: string,
  secret: Uint8Array,
): Promise<Pick<Session, 'id' | 'accountId'> | null> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      requiredClaims: ['exp'],
    })
    const { sub, sid } = payload
    if (typeof sub !== 'string' || typeof sid !== 'string') return null
    return isUuid(sub) && isUuid(sid) ? { id: sid, accountId: sub as ActorId } : null
  } catch (error) {
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}
