import { expect } from 'chai'
import { SignJWT, UnsecuredJWT } from 'jose'
import { readSessionToken, signSessionToken } from '../../../backend/auth/session-token.ts'
import type { ActorId } from '../../../domain/ids.ts'
import { namedUuid } from '../../support/events.ts'

const secret = new TextEncoder().encode('a secret that has thirty-two bytes')
const other = new TextEncoder().encode('another one, also with enough bytes')
const session = {
  id: namedUuid('session'),
  accountId: namedUuid('ada') as ActorId,
  expiresAt: Date.now() + 60_000,
}
const claims = { sub: session.accountId, sid: session.id, iss: 'tributary' }
const sign = (payload: Record<string, unknown>, expires: string | number | null, key = secret) => {
  const jwt = new SignJWT(payload).setProtectedHeader({ alg: 'HS256' })
  return (expires === null ? jwt : jwt.setExpirationTime(expires)).sign(key)
}

describe('a sign-in token', () => {
  it('names the person and the session', async () => {
    const token = await signSessionToken(session, secret)
    expect(await readSessionToken(token, secret)).to.deep.equal({
      id: session.id,
      accountId: session.accountId,
    })
  })

  it('is of no use when it is garbage, changed, expired or signed by somebody else', async () => {
    const token = await signSessionToken(session, secret)
    const [head, body, signature] = token.split('.')
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: namedUuid('eve'), exp: 9e9 }))
    for (const bad of [
      'garbage',
      '',
      'a.b.c',
      `${head}.${body}.`,
      `${head}.${changed.toString('base64url')}.${signature}`,
      new UnsecuredJWT(claims).setExpirationTime('1h').encode(),
      await sign(claims, '-1s'),
      await sign(claims, null),
      await sign(claims, '1h', other),
      await sign({ ...claims, iss: 'somebody' }, '1h'),
      await sign({ ...claims, sub: 'ada' }, '1h'),
      await sign({ ...claims, sid: undefined }, '1h'),
    ]) {
      expect(await readSessionToken(bad, secret), bad).to.equal(null)
    }
    expect(await readSessionToken(await sign(claims, '1h'), secret)).not.to.equal(null)
  })
})
