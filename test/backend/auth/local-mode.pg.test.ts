import { request, type OutgoingHttpHeaders } from 'node:http'
import { expect } from 'chai'
import { expectProblem } from '../http/expect-problem.ts'
import { PASSWORD, startTestServer, type Answer, type TestServer } from '../http/test-server.ts'

/** A transport that the sync takes without a handshake before it. */
const SYNC_PATH = '/socket.io/?EIO=4&transport=websocket'
const expectProblem403 = ({ status, body }: Answer) => {
  expect([status, body.code]).to.deep.equal([403, 'forbidden'])
}

const insecure = { AUTH_MODE: 'insecure' }
const form = { name: 'Ada', email: 'ada@example.org', password: PASSWORD }

describe('AUTH_MODE=insecure', function () {
  this.timeout(60_000)
  let servers: TestServer[]
  beforeEach(() => (servers = []))
  afterEach(async () => {
    for (const server of servers.reverse()) await server.stop()
  })
  async function start(env: NodeJS.ProcessEnv, databaseUrl?: string): Promise<TestServer> {
    const server = await startTestServer({ env, ...(databaseUrl && { databaseUrl }) })
    servers.push(server)
    return server
  }

  it('makes one local account with a team, also for many first requests at once', async () => {
    const server = await start(insecure)
    const answers = await Promise.all(Array.from({ length: 5 }, () => server.get('/api/me')))
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200])
    const again = await server.get('/api/me', 'any token at all')
    expect(answers.map(({ body }) => body)).to.deep.equal(Array(5).fill(again.body))
    expect(again.body.user).to.include({ name: 'Local user', email: '' })
    expect(again.body.teams).to.have.length(1)
    expect(again.body.teams[0]).to.include({ role: 'owner' })
  })

  it('answers no page of another site, over HTTP or a socket', async () => {
    const server = await start(insecure)
    const statusFor = (headers: OutgoingHttpHeaders) =>
      new Promise<number | string>((resolve) => {
        const sent = request(`${server.url}${SYNC_PATH}`, { headers }, (response) => {
          response.resume()
          resolve(response.statusCode!)
        })
        sent.on('upgrade', (_, socket) => resolve((socket.destroy(), 101)))
        sent.on('error', () => resolve('refused')).end()
      })
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.from('sixteen bytes ok').toString('base64'),
    }
    const evil = 'http://evil.example.org'
    expect(await statusFor({ host: 'evil.example.org' })).to.equal(403)
    expect(await statusFor({ host: 'localhost.evil.example.org:3000' })).to.equal(403)
    expect(await statusFor({ host: 'localhost:3000', origin: evil })).to.equal(403)
    expect(await statusFor({ host: 'localhost:3000', origin: 'null' })).to.equal(403)
    expect(await statusFor({ ...upgrade, origin: evil })).to.equal('refused')
    expect(await statusFor({ ...upgrade, host: 'evil.example.org' })).to.equal('refused')
    expect(await statusFor({ ...upgrade, origin: 'http://localhost:3001' })).to.equal(101)
    expect(await statusFor(upgrade)).to.equal(101)
    const get = (headers: Record<string, string>) => server.call('GET', '/healthz', { headers })
    expect((await get({ origin: 'http://[::1]:3000' })).status).to.equal(200)
    expectProblem403(await get({ origin: evil }))
  })

  it('acts as the first account where there is one', async () => {
    const secure = await start({})
    const ada = await secure.signUp(undefined, 'Ada')
    const server = await start(insecure, secure.databaseUrl)
    expect((await server.get('/api/me')).body.user).to.include({ id: ada.userId, name: 'Ada' })
  })

  it('leaves what was made to the first person who signs up later', async () => {
    const local = await start(insecure)
    const { body } = await local.get('/api/me')
    const secure = await start({}, local.databaseUrl)
    expectProblem(await secure.get('/api/me'), 401, 'unauthenticated')
    expect((await secure.get('/api/config')).body).to.include({ firstSignUp: true })
    const ada = await secure.post('/api/auth/signup', form)
    expect(ada.status, ada.text).to.equal(201)
    expect(ada.body.user).to.deep.equal({
      id: body.user.id,
      name: 'Ada',
      email: 'ada@example.org',
    })
    expect(ada.body.teams).to.deep.equal(body.teams)
    const { email, password } = form
    expect((await secure.post('/api/auth/login', { email, password })).status).to.equal(200)
    const late = { ...form, email: 'late@example.org' }
    expectProblem(await secure.post('/api/auth/signup', late), 403, 'forbidden')
  })
})
