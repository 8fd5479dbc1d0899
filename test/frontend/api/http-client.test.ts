import { expect } from 'chai'
import { ApiError } from '../../../frontend/api/api-error.ts'
import { createHttpClient, type HttpClient } from '../../../frontend/api/http-client.ts'

interface Sent {
  readonly url: string
  readonly method: string | undefined
  readonly headers: Record<string, string>
  readonly body: unknown
}

describe('a request to the server', () => {
  let token: string | null
  let signedOut: number
  let sent: Sent[]
  let answer: () => Response | Promise<Response>
  let http: HttpClient

  const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })
  const failure = async (): Promise<ApiError> => {
    try {
      await http.send('GET', '/api/me')
    } catch (error) {
      if (error instanceof ApiError) return error
      throw error
    }
    throw new Error('it did not fail')
  }

  beforeEach(() => {
    token = 'secret'
    signedOut = 0
    sent = []
    answer = () => json(200, { ok: true })
    http = createHttpClient({
      token: () => token,
      onSignedOut: () => (signedOut += 1),
      async fetch(url, init) {
        const headers = init?.headers as Record<string, string>
        sent.push({ url: String(url), method: init?.method, headers, body: init?.body })
        return answer()
      },
    })
  })

  it('carries the token, and JSON where there is a body', async () => {
    expect(await http.send('POST', '/api/x', { a: 1 }, { 'idempotency-key': 'k' })).to.deep.equal({
      ok: true,
    })
    expect(sent).to.deep.equal([
      {
        url: '/api/x',
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          authorization: 'Bearer secret',
          'idempotency-key': 'k',
        },
        body: '{"a":1}',
      },
    ])
  })

  it('carries no token before somebody signs in', async () => {
    token = null
    await http.send('GET', '/api/config')
    expect(sent[0]?.headers).to.deep.equal({ accept: 'application/json' })
  })

  it('answers nothing for an empty answer', async () => {
    answer = () => new Response(null, { status: 204 })
    expect(await http.send('DELETE', '/api/x')).to.equal(undefined)
  })

  it('gives the code and the sentence of a problem', async () => {
    answer = () =>
      json(409, { code: 'last-owner', title: 'Conflict', detail: 'Make somebody else owner.' })
    const { code, message, status } = await failure()
    expect({ code, message, status }).to.deep.equal({
      code: 'last-owner',
      message: 'Make somebody else owner.',
      status: 409,
    })
  })

  it('has a sentence for a status that comes without one', async () => {
    for (const status of [400, 401, 403, 404, 418, 429, 500, 503]) {
      answer = () => json(status, {})
      const error = await failure()
      expect(error.code).to.equal(`http-${status}`)
      expect(error.message).to.match(/^[A-Z].*\.$/)
    }
  })

  it('is unreachable where there is no network, or something else answers', async () => {
    for (const away of [
      () => Promise.reject(new TypeError('Failed to fetch')),
      () => new Response('<html>Sign in to the Wi-Fi</html>', { status: 200 }),
      () => new Response('<html>Bad gateway</html>', { status: 502 }),
    ]) {
      answer = away
      expect((await failure()).code).to.equal('unreachable')
    }
  })

  it('ends the session when its token is no longer taken', async () => {
    answer = () => json(401, { code: 'unauthenticated', detail: 'Sign in.' })
    await failure()
    expect(signedOut).to.equal(1)
  })

  it('does not take a wrong password for the end of a session', async () => {
    token = null
    answer = () => json(401, { code: 'unauthenticated', detail: 'Wrong.' })
    await failure()
    expect(signedOut).to.equal(0)
  })

  it('does not end a session that began while an older request was under way', async () => {
    answer = () => {
      token = 'newer'
      return json(401, {})
    }
    await failure()
    expect(signedOut).to.equal(0)
  })
})
