import { expect } from 'chai'
import { expectProblem } from './expect-problem.ts'
import { PASSWORD, startTestServer, type Caller, type TestServer } from './test-server.ts'

describe('a server that nobody has signed up to', function () {
  this.timeout(60_000)
  let server: TestServer
  beforeEach(async () => (server = await startTestServer()))
  afterEach(() => server.stop())

  it('makes the first person the owner of the first team, and asks the next for an invitation', async () => {
    expect((await server.get('/api/config')).body).to.deep.include({ firstSignUp: true })
    const ada = { name: ' Ada ', email: 'Ada@Example.org', password: PASSWORD }
    const first = await server.post('/api/auth/signup', ada)
    expect(first.status).to.equal(201)
    expect(first.body.user).to.deep.include({ name: 'Ada', email: 'ada@example.org' })
    expect(first.body.teams).to.have.length(1)
    expect(first.body.teams[0]).to.include({ name: "Ada's team", role: 'owner' })

    const bob = { name: 'Bob', email: 'bob@example.org', password: PASSWORD }
    expectProblem(await server.post('/api/auth/signup', bob), 403, 'forbidden')
    const guessed = { ...bob, invitation: 'a'.repeat(43) }
    expectProblem(await server.post('/api/auth/signup', guessed), 403, 'forbidden')
    expect((await server.get('/api/config')).body).to.deep.include({ firstSignUp: false })
    const me = await server.get('/api/me', first.body.token)
    expect(me.body).to.deep.equal({ user: first.body.user, teams: first.body.teams })
  })

  it('lets exactly one of two first sign-ups in', async () => {
    const answers = await Promise.all(
      ['ada', 'bob', 'eve'].map((name) =>
        server.post('/api/auth/signup', {
          name,
          email: `${name}@example.org`,
          password: PASSWORD,
          teamName: `The ${name}s`,
        }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 403, 403])
    const winner = answers.find(({ status }) => status === 201)!
    expect(winner.body.teams[0]).to.include({
      name: `The ${winner.body.user.name}s`,
      role: 'owner',
    })
  })

  it('tells what is wrong with a form', async () => {
    const form = { name: 'Ada', email: 'ada@example.org', password: PASSWORD }
    for (const [change, field] of [
      [{ email: 'ada' }, 'email'],
      [{ email: 'ada@ex ample.org' }, 'email'],
      [{ email: `${'a'.repeat(250)}@b.org` }, 'email'],
      [{ password: 'short' }, 'password'],
      [{ password: 'x'.repeat(1_001) }, 'password'],
      [{ password: 'ten characters\u0000' }, 'password'],
      [{ name: '  ' }, 'name'],
      [{ name: 'A\u0000da' }, 'name'],
      [{ name: 'A\ud800da' }, 'name'],
      [{ name: 'x'.repeat(201) }, 'name'],
      [{ name: 7 }, 'name'],
      [{ email: undefined }, 'email'],
    ] as const) {
      const answer = await server.post('/api/auth/signup', { ...form, ...change })
      expectProblem(answer, 400, 'malformed')
      expect(answer.body.field, answer.text).to.equal(field)
      expect(answer.body.detail).to.contain(field)
    }
    expectProblem(await server.post('/api/auth/signup', { ...form, admin: true }), 400, 'malformed')
  })

  it('refuses bodies that are no JSON object', async () => {
    for (const raw of ['{"name":', '[]', '"text"', '', 'null', '\u0000']) {
      expectProblem(await server.call('POST', '/api/auth/login', { raw }), 400, 'malformed')
    }
    const form = {
      raw: 'email=a',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }
    expectProblem(await server.call('POST', '/api/auth/login', form), 400, 'malformed')
    expectProblem(await server.call('POST', '/api/auth/login'), 400, 'malformed')
    const latin = { raw: '{}', headers: { 'content-type': 'application/json; charset=koi8-r' } }
    expectProblem(
      await server.call('POST', '/api/auth/login', latin),
      415,
      'unsupported-media-type',
    )
    const large = { raw: JSON.stringify({ email: 'x'.repeat(200_000) }) }
    expectProblem(await server.call('POST', '/api/auth/login', large), 413, 'too-large')
  })
})

describe('somebody with an account', function () {
  this.timeout(60_000)
  let server: TestServer
  let ada: Caller & { teamId: string }
  before(async () => {
    server = await startTestServer()
    ada = await server.signUp(undefined, 'Ada')
  })
  after(() => server.stop())

  const logIn = (email: string, password: string) =>
    server.post('/api/auth/login', { email, password })

  it('signs in by address and password, whatever the case of the address', async () => {
    const answer = await logIn(' PERSON1@example.org ', PASSWORD)
    expect(answer.status).to.equal(200)
    expect(answer.body.user).to.include({ name: 'Ada', email: 'person1@example.org' })
    expect(answer.body.teams[0]).to.include({ role: 'owner' })
    expect((await server.get('/api/me', answer.body.token)).status).to.equal(200)
  })

  it('gets the same refusal for a wrong password as for an unknown address', async () => {
    const wrong = await logIn('person1@example.org', 'not the password')
    const unknown = await logIn('nobody@example.org', 'not the password')
    expectProblem(wrong, 401, 'unauthenticated')
    expect({ ...wrong.body, requestId: '' }).to.deep.equal({ ...unknown.body, requestId: '' })
  })

  it('is signed out at once, that session alone', async () => {
    const [one, other] = await Promise.all([
      logIn('person1@example.org', PASSWORD),
      logIn('person1@example.org', PASSWORD),
    ])
    expect((await server.get('/api/me', one.body.token)).status).to.equal(200)
    const left = await server.post('/api/auth/logout', undefined, one.body.token)
    expect(left.status).to.equal(204)
    expectProblem(await server.get('/api/me', one.body.token), 401, 'unauthenticated')
    expectProblem(
      await server.post('/api/auth/logout', undefined, one.body.token),
      401,
      'unauthenticated',
    )
    expect((await server.get('/api/me', other.body.token)).status).to.equal(200)
  })

  it('is nobody without a token, and with one of another server', async () => {
    const none = await server.get('/api/me')
    expectProblem(none, 401, 'unauthenticated')
    expect(none.headers.get('www-authenticate')).to.equal('Bearer')
    const elsewhere = await startTestServer()
    const stranger = await elsewhere.signUp()
    await elsewhere.stop()
    for (const token of [stranger.token, 'garbage', 'a.b.c', 'x'.repeat(9_000)]) {
      expectProblem(await server.get('/api/me', token), 401, 'unauthenticated')
    }
    const basic = { headers: { authorization: 'Basic YTpi' } }
    expectProblem(await server.call('GET', '/api/me', basic), 401, 'unauthenticated')
  })

  it('may try ten times a minute, from wherever they say they are', async () => {
    const bob = await server.member(ada, 'viewer')
    const statuses: number[] = []
    for (let attempt = 0; attempt < 12; attempt++) {
      const { status } = await server.call('POST', '/api/auth/login', {
        body: { email: bob.email, password: 'wrong password' },
        headers: { 'x-forwarded-for': `10.0.0.${attempt}` },
      })
      statuses.push(status)
    }
    expect(statuses).to.deep.equal([...Array<number>(10).fill(401), 429, 429])
    const refused = await logIn(bob.email, PASSWORD)
    expectProblem(refused, 429, 'rate-limited')
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60)
    expect((await logIn(ada.email, PASSWORD)).status).to.equal(200)
  })

  it('leaves no trace of secrets in the log', async () => {
    const invitation = await server.invite(ada, ada.teamId, 'viewer')
    await server.get(`/api/invitations/${invitation}`)
    await logIn('nobody@example.org', 'a secret password')
    const { token } = ada
    await server.get(`/api/me?token=${token}`, token)
    const lines = server.logged.join('')
    expect(lines).to.contain('/api/invitations/:token')
    for (const secret of [invitation, token, PASSWORD, 'a secret password', 'example.org']) {
      expect(lines.includes(secret), secret).to.equal(false)
    }
  })
})

describe('a server that is started again', function () {
  this.timeout(60_000)

  it('knows everybody, their tokens, and who is signed out', async () => {
    const secret = { JWT_SECRET: 'the same for both of these servers' }
    const first = await startTestServer({ env: secret })
    try {
      const ada = await first.signUp(undefined, 'Ada')
      const bob = await first.member(ada, 'viewer')
      await first.post('/api/auth/logout', undefined, bob.token)
      const { databaseUrl } = first
      const second = await startTestServer({ env: secret, databaseUrl })
      const me = await second.get('/api/me', ada.token)
      expect(me.body).to.deep.include({ teams: (await first.get('/api/me', ada.token)).body.teams })
      expectProblem(await second.get('/api/me', bob.token), 401, 'unauthenticated')
      await second.stop()
    } finally {
      await first.stop()
    }
  })
})
