import { expect } from 'chai'
import { isPrincipal } from '../../../backend/auth/authenticator.ts'
import { AuthStoreUnavailable, type Session } from '../../../backend/auth/auth-store.ts'
import { createSessionAuthenticator } from '../../../backend/auth/session-authenticator.ts'
import { signSessionToken } from '../../../backend/auth/session-token.ts'
import type { ActorId } from '../../../domain/ids.ts'
import { namedUuid } from '../../support/events.ts'

const secret = new TextEncoder().encode('a secret that has thirty-two bytes')
const START = Date.now()
const session: Session = {
  id: namedUuid('session'),
  accountId: namedUuid('ada') as ActorId,
  expiresAt: START + 60_000,
}

describe('the authenticator of sessions', () => {
  let now: number
  let live: Session | null
  let isAway: boolean
  let asked: number
  let end: (sessionId: string) => void
  let token: string

  beforeEach(async () => {
    ;[now, live, isAway, asked] = [START, session, false, 0]
    token = await signSessionToken(session, secret)
  })

  const authenticator = () =>
    createSessionAuthenticator({
      store: {
        liveSession: async () => {
          asked += 1
          if (isAway) throw new AuthStoreUnavailable('away')
          return live
        },
      },
      secret,
      onSessionEnd: (listener) => {
        end = listener
        return () => undefined
      },
      now: () => now,
    })

  it('knows whose session it is, and asks the store once a second at most', async () => {
    const { verify } = authenticator()
    for (let i = 0; i < 5; i++) {
      expect(await verify(token)).to.deep.equal({
        userId: session.accountId,
        sessionId: session.id,
        expiresAt: session.expiresAt,
      })
    }
    expect(asked).to.equal(1)
    now += 1_000
    await verify(token)
    expect(asked).to.equal(2)
  })

  it('hears of an end here at once, and of one elsewhere within a second', async () => {
    const { verify } = authenticator()
    await verify(token)
    live = null
    expect(isPrincipal(await verify(token))).to.equal(true)
    now += 1_000
    expect(await verify(token)).to.include({ code: 'unauthenticated' })

    live = session
    await verify(token)
    live = null
    end(session.id)
    expect(await verify(token)).to.include({ code: 'unauthenticated' })
  })

  it('takes no session for longer than it lasts', async () => {
    const { verify } = authenticator()
    now = session.expiresAt - 1
    expect(isPrincipal(await verify(token))).to.equal(true)
    live = null
    now = session.expiresAt
    expect(await verify(token)).to.include({ code: 'unauthenticated' })
  })

  it('takes no token that names the session of somebody else', async () => {
    live = { ...session, accountId: namedUuid('bob') as ActorId }
    expect(await authenticator().verify(token)).to.include({ code: 'unauthenticated' })
  })

  it('asks nothing for a token that is none', async () => {
    const { verify } = authenticator()
    for (const bad of [undefined, '', 'garbage', 'x'.repeat(8_193)]) {
      expect(await verify(bad)).to.include({ code: 'unauthenticated' })
    }
    expect(asked).to.equal(0)
  })

  it('says that it cannot tell while the store is away, and forgets that', async () => {
    const { verify } = authenticator()
    isAway = true
    expect(await verify(token)).to.include({ code: 'unavailable' })
    isAway = false
    expect(isPrincipal(await verify(token))).to.equal(true)
  })
})
