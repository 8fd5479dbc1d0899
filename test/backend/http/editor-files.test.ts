import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { pino } from 'pino'
import { readConfig } from '../../../backend/config/config.ts'
import { createHttp } from '../../../backend/http/create-http.ts'
import type { HttpPorts } from '../../../backend/http/http-ports.ts'
import { createMetrics } from '../../../backend/http/metrics.ts'

const PAGE = '<!doctype html><title>Tributary</title>'

describe('the editor, served', () => {
  let folder: string
  let server: Server
  let url: string
  let ready: boolean

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-dist-'))
    const ports: Partial<HttpPorts> = {
      config: readConfig({}),
      metrics: createMetrics(),
      logger: pino({ level: 'silent' }),
      readiness: async () => [{ part: 'database', ready }],
      shapes: (_request, response) => void response.end('shape'),
      editorDir: folder,
    }
    // None of the routes that are asked here needs the rest.
    server = createServer(createHttp(ports as HttpPorts))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    ready = true
    mkdirSync(join(folder, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'index.html'), PAGE)
    writeFileSync(join(folder, 'sw.js'), 'self.x = 1')
    writeFileSync(join(folder, '.build-hash'), 'secret')
    writeFileSync(join(folder, 'assets', 'index-Ab12.js'), 'x'.repeat(5_000))
  })
  after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { headers })
  const html = { accept: 'text/html,application/xhtml+xml' }

  it('gives its page for every address that a browser opens as a page', async () => {
    for (const path of ['/', '/pipelines/1', '/join/abc']) {
      const response = await get(path, html)
      expect([response.status, await response.text()]).to.deep.equal([200, PAGE])
      expect(response.headers.get('cache-control')).to.equal('no-cache')
    }
    expect((await get('/')).status).to.equal(200)
    expect((await fetch(url, { method: 'HEAD', headers: html })).status).to.equal(200)
  })

  it('lets hashed files be kept for ever, and has the others asked after', async () => {
    const asset = await get('/assets/index-Ab12.js')
    expect(asset.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-encoding')).to.match(/^(gzip|br)$/)
    for (const path of ['/sw.js', '/index.html']) {
      const response = await get(path)
      expect([response.status, response.headers.get('cache-control')]).to.deep.equal([
        200,
        'no-cache',
      ])
    }
  })

  it('gives no page for what is none', async () => {
    for (const [path, headers] of [
      ['/assets/index-old.js', html],
      ['/missing.js', {}],
      ['/api/nothing', html],
      ['/v1/nothing', html],
      ['/socket.io/nothing', html],
      ['/.build-hash', {}],
      ['/%2e%2e/package.json', {}],
    ] as const) {
      const response = await get(path, headers)
      expect(response.status, path).to.equal(404)
      expect(await response.json(), path).to.include({ code: 'not-found' })
    }
    const posted = await fetch(`${url}/`, { method: 'POST', headers: html })
    expect(posted.status).to.equal(404)
  })

  it('runs no script that stands in a page, and talks to no other host', async () => {
    const policy = (await get('/', html)).headers.get('content-security-policy')!
    expect(policy).to.contain("script-src 'self';").and.to.contain("connect-src 'self';")
    expect(policy).to.contain("frame-ancestors 'none'").and.not.to.contain('unsafe-eval')
  })

  it('says so when it is not built', async () => {
    rmSync(join(folder, 'index.html'))
    const response = await get('/', html)
    expect(response.status).to.equal(503)
    expect(await response.text()).to.contain('npm run build')
  })

  it('answers those who look after it', async () => {
    expect(await (await get('/healthz')).json()).to.deep.equal({ alive: true })
    expect((await get('/readyz')).status).to.equal(200)
    expect(await (await get('/v1/health')).json()).to.deep.equal({ status: 'active' })
    ready = false
    expect((await get('/readyz')).status).to.equal(503)
    expect((await get('/v1/health')).status).to.equal(202)
    const metrics = await get('/metrics')
    expect(metrics.headers.get('content-type')).to.contain('text/plain; version=0.0.4')
    expect(await metrics.text()).to.contain(
      'tributary_http_requests_total{method="GET",route="/healthz",status="200"} 1',
    )
  })

  it('hands shapes on untouched', async () => {
    const response = await get('/v1/shape?table=x')
    expect(await response.text()).to.equal('shape')
    expect(response.headers.get('content-security-policy')).to.equal(null)
  })

  it('takes the id of a request from its caller, where it is one', async () => {
    const given = await get('/healthz', { 'x-request-id': 'abc-123' })
    expect(given.headers.get('x-request-id')).to.equal('abc-123')
    const odd = await get('/healthz', { 'x-request-id': 'a b"c' })
    expect(odd.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/)
  })
})
