import { createHash, randomBytes } from 'node:crypto'

/** 32 random bytes as text that fits into a URL. */
export function newSecretToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a secret token. The token has so many bits that no slow hash is needed. */
export function hashOfToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}
