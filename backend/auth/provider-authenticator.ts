/** Tokens of an identity provider (JWT_JWKS_URL): its word is enough for an account. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import type { ActorId } from '../../domain/ids.ts'
import { LogUnavailable } from '../../domain/log/event-log.ts'
import { AuthStoreUnavailable, type AuthStore } from './auth-store.ts'
import {
  CANNOT_TELL,
  MAX_TOKEN_CHARACTERS,
  NOT_SIGNED_IN,
  type Authenticator,
} from './authenticator.ts'
import { emailSchema, nameSchema } from './credentials.ts'
import { openAccount, type AccountPorts } from './open-account.ts'

export interface Provider {
  readonly jwksUrl: string
  /** Null takes any. */
  readonly issuer: string | null
  readonly audience: string | null
}

type Ports = AccountPorts & {
  readonly store: Pick<AuthStore, 'createAccount' | 'accountBySubject'>
}

/** Signatures that a public key verifies; a shared secret has no place in a public key set. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

/** What makes a token bad, as against a key set that cannot be fetched. */
const BAD_TOKEN = [
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWTClaimValidationFailed,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
]

export function createProviderAuthenticator(ports: Ports, provider: Provider): Authenticator {
  const keys = createRemoteJWKSet(new URL(provider.jwksUrl))
  return {
    async verify(token) {
      if (!token || token.length > MAX_TOKEN_CHARACTERS) return NOT_SIGNED_IN
      try {
        const claims = await readClaims(token, keys, provider)
        const userId = await accountOf(claims, ports)
        const sessionId = typeof claims['sid'] === 'string' ? claims['sid'] : (claims.jti ?? '')
        return { userId, sessionId, expiresAt: claims.exp! * 1_000 }
      } catch (error) {
        if (BAD_TOKEN.some((kind) => error instanceof kind)) return NOT_SIGNED_IN
        if (isPassing(error)) return CANNOT_TELL
        throw error
      }
    },
  }
}

async function readClaims(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, audience }: Provider,
): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ALGORITHMS,
    requiredClaims: ['sub', 'exp'],
    ...(issuer !== null && { issuer }),
    ...(audience !== null && { audience }),
  })
  return payload
}

/** A fetch that failed is a TypeError; a bad answer of the key set is one of jose's own errors. */
function isPassing(error: unknown): boolean {
  return [AuthStoreUnavailable, LogUnavailable, errors.JOSEError, TypeError].some(
    (kind) => error instanceof kind,
  )
}

async function accountOf(claims: JWTPayload, ports: Ports): Promise<ActorId> {
  const subject = `${claims.iss ?? ''}|${claims.sub}`
  const known = await ports.store.accountBySubject(subject)
  if (known) return known.id
  const email = emailSchema.safeParse(claims['email_verified'] === false ? null : claims['email'])
  const name = nameSchema.safeParse(claims['name'])
  const person = {
    name: name.data ?? email.data?.split('@')[0] ?? 'Somebody',
    email: email.data ?? null,
    passwordHash: null,
    subject,
  }
  const opened = await openAccount(ports, person, 'trusted')
  if (opened.ok) return opened.userId
  // Taken: by another request for the same person, or the address by somebody else.
  const made = await ports.store.accountBySubject(subject)
  if (made) return made.id
  const again = await openAccount(ports, { ...person, email: null }, 'trusted')
  if (again.ok) return again.userId
  throw new AuthStoreUnavailable('The account of this person is being made by another request.')
}
