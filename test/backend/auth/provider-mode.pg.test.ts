import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import { expectProblem } from '../http/expect-problem.ts'
import { PASSWORD, startTestServer, type TestServer } from '../http/test-server.ts'

describe('with an identity provider', function () {
  this.timeout(60_000)
  let provider: Server
  let server: TestServer
  let keys: { own: CryptoKey; foreign: CryptoKey }
  let publicText: string

  before(async () => {
    const own = await generateKeyPair('ES256')
    const foreign = await generateKeyPair('ES256')
    keys = { own: own.privateKey, foreign: foreign.privateKey }
    const jwk = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }
    publicText = JSON.stringify(jwk)
    provider = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })))
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
    const { port } = provider.address() as AddressInfo
    server = await startTestServer({
      env: {
        JWT_JWKS_URL: `http://127.0.0.1:${port}/keys`,
        JWT_ISSUER: 'https://id.example.org',
        JWT_AUDIENCE: 'tributary',
      },
    })
  })
  after(async () => {
    provider?.close()
    await server?.stop()
  })

  const token = (claims: JWTPayload, { key = keys.own, expires = '1h', kid = 'one' } = {}) =>
    new SignJWT({ iss: 'https://id.example.org', aud: 'tributary', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setExpirationTime(expires)
      .sign(key)
  const me = async (claims: JWTPayload) => server.get('/api/me', await token(claims))

  it('knows people by their subject, the first of them with the first team', async () => {
    const claims = { sub: 'auth0|ada', name: 'Ada', email: 'Ada@example.org' }
    const answers = await Promise.all([me(claims), me(claims), me(claims)])
    const [first] = answers
    expect(first!.status, first!.text).to.equal(200)
    expect(first!.body.user).to.include({ name: 'Ada', email: 'ada@example.org' })
    expect(new Set(answers.map(({ body }) => body.user.id)).size).to.equal(1)
    expect((await me({ sub: 'auth0|ada' })).body.teams).to.have.length(1)
    // Another person with the same address is another person.
    const other = await me({ sub: 'github|ada', email: 'ada@example.org' })
    expect(other.body.user).to.include({ name: 'ada', email: '' })
    expect(other.body.teams).to.deep.equal([])
  })

  it('takes no token that the provider did not make for us', async () => {
    const sub = 'eve'
    const confused = new SignJWT({ sub, iss: 'https://id.example.org', aud: 'tributary' })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(publicText))
    for (const bad of [
      await token({ sub }, { key: keys.foreign }),
      await token({ sub }, { kid: 'two' }),
      await token({ sub }, { expires: '-1s' }),
      await token({ sub, iss: 'https://elsewhere.example.org' }),
      await token({ sub, aud: 'somebody else' }),
      await token({}),
      await confused,
      'garbage',
    ]) {
      expectProblem(await server.get('/api/me', bad), 401, 'unauthenticated')
    }
  })

  it('has no passwords', async () => {
    const form = { name: 'Ada', email: 'ada@example.org', password: PASSWORD }
    expectProblem(await server.post('/api/auth/signup', form), 403, 'forbidden')
    const credentials = { email: form.email, password: PASSWORD }
    expectProblem(await server.post('/api/auth/login', credentials), 403, 'forbidden')
    const { body } = await server.get('/api/config')
    expect(body).to.include({ identityProvider: true, firstSignUp: false })
    const left = await server.post('/api/auth/logout', undefined, await token({ sub: 'auth0|ada' }))
    expect(left.status).to.equal(204)
  })

  it('says that it cannot tell while the provider is away', async () => {
    const away = await startTestServer({ env: { JWT_JWKS_URL: 'http://127.0.0.1:9/keys' } })
    const answer = await away.get('/api/me', await token({ sub: 'ada' }))
    await away.stop()
    expectProblem(answer, 503, 'unavailable')
  })
})
