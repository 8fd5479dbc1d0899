import { expect } from 'chai'
import { createPostgresLog, type PostgresLog } from '../../../backend/log/postgres/postgres-log.ts'
import type { Position } from '../../../domain/ids.ts'
import { namedUuid } from '../../support/events.ts'
import { expectProblem } from './expect-problem.ts'
import { PASSWORD, startTestServer, type Caller, type TestServer } from './test-server.ts'

describe('a team', function () {
  this.timeout(60_000)
  let server: TestServer
  let ada: Caller & { teamId: string }
  let editor: Caller
  let viewer: Caller
  let stranger: Caller
  let team: string

  beforeEach(async () => {
    server = await startTestServer()
    ada = await server.signUp(undefined, 'Ada')
    team = `/api/teams/${ada.teamId}`
    ;[editor, viewer, stranger] = [
      await server.member(ada, 'editor'),
      await server.member(ada, 'viewer'),
      await server.member(ada, 'viewer'),
    ]
    await server.call('DELETE', `${team}/members/${stranger.userId}`, { token: ada.token })
  })
  afterEach(() => server.stop())

  const patch = (path: string, body: unknown, { token }: Caller) =>
    server.call('PATCH', path, { body, token })
  const remove = (path: string, { token }: Caller) => server.call('DELETE', path, { token })

  it('is shown to its members, with everybody in it and who left', async () => {
    const { status, body } = await server.get(team, viewer.token)
    expect(status).to.equal(200)
    expect(body).to.include({ id: ada.teamId, name: "Ada's team" })
    const people = body.members.map(({ userId, name, role }: Record<string, string>) => [
      userId,
      name,
      role,
    ])
    expect(people).to.deep.equal([
      [ada.userId, 'Ada', 'owner'],
      [editor.userId, 'A editor', 'editor'],
      [viewer.userId, 'A viewer', 'viewer'],
    ])
    for (const { joinedAt } of body.members) expect(joinedAt).to.match(/^\d{4}-.*Z$/)
    expect(body.former).to.deep.equal([{ userId: stranger.userId, name: 'A viewer' }])
  })

  it('does not exist for strangers, in the same words as one that does not', async () => {
    const nowhere = `/api/teams/${namedUuid('nowhere')}`
    const words = async (path: string) => {
      const answers = [
        await server.get(path, stranger.token),
        await patch(path, { name: 'Mine' }, stranger),
        await server.post(`${path}/invitations`, { role: 'owner' }, stranger.token),
        await patch(`${path}/members/${ada.userId}`, { role: 'viewer' }, stranger),
        await remove(`${path}/members/${stranger.userId}`, stranger),
      ]
      for (const answer of answers) expectProblem(answer, 404, 'not-found')
      return answers.map(({ body }) => body.detail as string)
    }
    expect(await words(team)).to.deep.equal(await words(nowhere))
    expectProblem(await server.get('/api/teams/not-a-uuid', ada.token), 404, 'not-found')
    expect((await server.get('/api/me', stranger.token)).body.teams).to.deep.equal([])
  })

  it('is changed by its owners alone', async () => {
    for (const caller of [editor, viewer]) {
      for (const answer of [
        await patch(team, { name: 'Mine' }, caller),
        await server.post(`${team}/invitations`, { role: 'owner' }, caller.token),
        await patch(`${team}/members/${caller.userId}`, { role: 'owner' }, caller),
        await remove(`${team}/members/${ada.userId}`, caller),
      ]) {
        expectProblem(answer, 403, 'forbidden')
      }
    }
    const renamed = await patch(team, { name: 'Data' }, ada)
    expect(renamed.body).to.include({ name: 'Data' })
    const raised = await patch(`${team}/members/${viewer.userId}`, { role: 'editor' }, ada)
    expect(raised.body).to.deep.equal({ userId: viewer.userId, name: 'A viewer', role: 'editor' })
    const { body } = await server.get('/api/me', viewer.token)
    expect(body.teams).to.deep.equal([{ id: ada.teamId, name: 'Data', role: 'editor' }])
  })

  it('refuses roles and people that there are not', async () => {
    const asked = await patch(`${team}/members/${viewer.userId}`, { role: 'admin' }, ada)
    expectProblem(asked, 400, 'malformed')
    for (const id of [stranger.userId, namedUuid('nobody'), 'nobody']) {
      const answer = await patch(`${team}/members/${id}`, { role: 'viewer' }, ada)
      expectProblem(answer, 404, 'not-found')
    }
    for (const body of [{ role: 'owner', email: 'no address' }, { role: 'king' }, {}]) {
      const answer = await server.post(`${team}/invitations`, body, ada.token)
      expectProblem(answer, 400, 'malformed')
    }
    for (const name of ['', 'a\u0000b', 'x'.repeat(201)]) {
      expectProblem(await patch(team, { name }, ada), 400, 'malformed')
    }
  })

  it('keeps its last owner, also when two leave at the same moment', async () => {
    expectProblem(await remove(`${team}/members/${ada.userId}`, ada), 409, 'last-owner')
    await patch(`${team}/members/${editor.userId}`, { role: 'owner' }, ada)
    const answers = await Promise.all([
      remove(`${team}/members/${ada.userId}`, ada),
      remove(`${team}/members/${editor.userId}`, editor),
    ])
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([204, 409])
  })

  it('is left by its members when they like, and is gone for them at once', async () => {
    expect((await remove(`${team}/members/${viewer.userId}`, viewer)).status).to.equal(204)
    expectProblem(await server.get(team, viewer.token), 404, 'not-found')
  })

  it('answers other methods with 405 and what may be sent', async () => {
    const answer = await server.call('PUT', team, { token: ada.token })
    expectProblem(answer, 405, 'method-not-allowed')
    expect(answer.headers.get('allow')).to.equal('GET, HEAD, PATCH')
    const options = await server.call('OPTIONS', team)
    expect([options.status, options.headers.get('allow')]).to.deep.equal([204, 'GET, HEAD, PATCH'])
  })

  describe('with an invitation', () => {
    it('shows its name and the role to whoever has the link', async () => {
      const made = await server.call('POST', `${team}/invitations`, {
        token: ada.token,
        body: { role: 'editor' },
        headers: { origin: 'https://tributary.example.org' },
      })
      expect(made.status).to.equal(201)
      const { token, url, expiresAt } = made.body
      expect(url).to.equal(`https://tributary.example.org/join/${token}`)
      expect(Date.parse(expiresAt) - Date.now()).to.be.within(6.9 * 864e5, 7 * 864e5)
      const seen = await server.get(`/api/invitations/${token}`)
      expect(seen.body).to.deep.equal({
        team: { id: ada.teamId, name: "Ada's team" },
        role: 'editor',
        expiresAt,
      })
      expectProblem(await server.get('/api/invitations/guessed'), 404, 'not-found')
    })

    it('takes somebody in who has an account, once', async () => {
      const token = await server.invite(ada, ada.teamId, 'editor')
      const path = `/api/invitations/${token}/accept`
      expectProblem(await server.post(path), 401, 'unauthenticated')
      const accepted = await server.post(path, undefined, stranger.token)
      expect(accepted.body.team).to.include({ id: ada.teamId, role: 'editor' })
      // A repeated request, whose first answer was lost, finds what it asked for.
      expect((await server.post(path, undefined, stranger.token)).status).to.equal(200)
      expectProblem(await server.get(`/api/invitations/${token}`), 404, 'not-found')
      const late = { name: 'Eve', email: 'eve@example.org', password: PASSWORD, invitation: token }
      expectProblem(await server.post('/api/auth/signup', late), 403, 'forbidden')
    })

    it('does not let in again by a used link who was removed', async () => {
      const token = await server.invite(ada, ada.teamId, 'editor')
      const path = `/api/invitations/${token}/accept`
      await server.post(path, undefined, stranger.token)
      await remove(`${team}/members/${stranger.userId}`, ada)
      expectProblem(await server.post(path, undefined, stranger.token), 404, 'not-found')
    })

    it('takes one of two who use it at the same moment', async () => {
      const token = await server.invite(ada, ada.teamId, 'viewer')
      const form = (name: string) => ({
        name,
        email: `${name}@example.org`,
        password: PASSWORD,
        invitation: token,
      })
      const answers = await Promise.all([
        server.post('/api/auth/signup', form('bob')),
        server.post('/api/auth/signup', form('eve')),
        server.post(`/api/invitations/${token}/accept`, undefined, stranger.token),
      ])
      const successes = answers.filter(({ status }) => status < 300)
      expect(successes).to.have.length(1)
      const { body } = await server.get(team, ada.token)
      expect(body.members).to.have.length(4)
    })

    it('for one address takes that address only', async () => {
      const token = await server.invite(ada, ada.teamId, 'viewer', 'Bob@Example.org')
      const accept = `/api/invitations/${token}/accept`
      expectProblem(await server.post(accept, undefined, stranger.token), 403, 'forbidden')
      const form = { name: 'Eve', password: PASSWORD, invitation: token }
      const eve = await server.post('/api/auth/signup', { ...form, email: 'eve@example.org' })
      expectProblem(eve, 403, 'forbidden')
      const bob = await server.post('/api/auth/signup', { ...form, email: 'bob@example.org' })
      expect(bob.status).to.equal(201)
    })

    it('refuses a taken address, and keeps the invitation', async () => {
      const token = await server.invite(ada, ada.teamId, 'viewer')
      const form = { name: 'Eve', password: PASSWORD, invitation: token }
      const taken = await server.post('/api/auth/signup', { ...form, email: viewer.email })
      expectProblem(taken, 409, 'email-taken')
      expect((await server.get(`/api/invitations/${token}`)).status).to.equal(200)
    })

    it('is void once its maker is an owner no more', async () => {
      await patch(`${team}/members/${editor.userId}`, { role: 'owner' }, ada)
      const token = await server.invite(editor, ada.teamId, 'owner')
      await patch(`${team}/members/${editor.userId}`, { role: 'viewer' }, ada)
      expectProblem(await server.get(`/api/invitations/${token}`), 404, 'not-found')
      const path = `/api/invitations/${token}/accept`
      expectProblem(await server.post(path, undefined, stranger.token), 404, 'not-found')
    })

    it('changes nothing for a member, who uses nothing up', async () => {
      const token = await server.invite(ada, ada.teamId, 'viewer')
      const path = `/api/invitations/${token}/accept`
      const accepted = await server.post(path, undefined, editor.token)
      expect(accepted.body.team).to.include({ role: 'editor' })
      expect((await server.get(`/api/invitations/${token}`)).status).to.equal(200)
    })
  })

  it('is told in the log without addresses and secrets', async () => {
    const token = await server.invite(ada, ada.teamId, 'viewer', 'bob@example.org')
    let log: PostgresLog | undefined
    try {
      log = await createPostgresLog({ databaseUrl: server.databaseUrl, now: Date.now })
      const stored = await log.readAll(0 as Position, 1_000)
      const types = stored.map(({ event }) => event.type)
      expect(types.slice(0, 3)).to.deep.equal(['AccountCreated', 'TeamCreated', 'MemberJoined'])
      const text = JSON.stringify(stored)
      expect(text).not.to.contain('@').and.not.to.contain(token).and.not.to.contain('argon2')
    } finally {
      await log?.close()
    }
  })
})
