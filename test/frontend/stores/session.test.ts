import { expect } from 'chai'
import { useSession } from '../../../frontend/stores/session.ts'
import { ADA, BRUNO, startTestApp } from '../../support/test-app.ts'

describe('the session', () => {
  it('is nobody’s on a new device', () => {
    startTestApp(null)
    const session = useSession()
    expect([session.user, session.teams, session.ended]).to.deep.equal([null, [], false])
  })

  it('comes up signed in as the last person without asking the server', () => {
    const { api } = startTestApp(ADA)
    const session = useSession()
    expect(session.user).to.deep.equal(ADA.user)
    expect(session.team(ADA.teams[0]!.id)?.name).to.equal('Operations')
    expect(api.calls).to.deep.equal([])
  })

  it('keeps the person when the token has ended', () => {
    const { storage } = startTestApp(ADA)
    const session = useSession()
    session.end()
    expect([session.user?.name, session.ended]).to.deep.equal(['Ada Berg', true])
    expect([...storage.items.values()].join()).to.not.contain(ADA.token)
  })

  it('takes over what the server says of teams and roles', async () => {
    const { api } = startTestApp(ADA)
    const session = useSession()
    api.account = { ...ADA, teams: [{ ...ADA.teams[0]!, role: 'viewer' }] }
    await session.refresh()
    expect(session.teams[0]?.role).to.equal('viewer')
  })

  it('stays as it is where the server cannot be asked', async () => {
    const { api } = startTestApp(ADA)
    const session = useSession()
    api.isAway = true
    await session.refresh()
    expect(session.teams).to.deep.equal(ADA.teams)
    expect(session.ended).to.equal(false)
  })

  it('does not ask with a token that has ended', async () => {
    const { api } = startTestApp(ADA)
    const session = useSession()
    session.end()
    await session.refresh()
    expect(api.calls).to.deep.equal([])
  })

  it('ends on leaving, with or without the server', async () => {
    for (const isAway of [false, true]) {
      const { api, storage } = startTestApp(ADA)
      const session = useSession()
      api.isAway = isAway
      await session.leave()
      expect(session.user).to.equal(null)
      expect(storage.getItem('tributary.session')).to.equal(null)
      expect(api.calls).to.deep.equal(['sign-out'])
    }
  })

  it('passes to another person on the same device', async () => {
    startTestApp(ADA)
    const session = useSession()
    session.begin(BRUNO)
    expect(session.user?.name).to.equal('Bruno Costa')
    expect(session.kept?.token).to.equal(BRUNO.token)
  })
})
