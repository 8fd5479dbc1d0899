import { expect } from 'chai'
import { io, type Socket } from 'socket.io-client'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { ActorId, PipelineId, ReplicaId, TeamId } from '../../domain/ids.ts'
import { namedUuid, pipelineEvent } from '../support/events.ts'
import { expectProblem } from './http/expect-problem.ts'
import { PASSWORD, startTestServer, type Caller, type TestServer } from './http/test-server.ts'

const id = namedUuid('orders') as PipelineId
const laptop = 'laptop000000' as ReplicaId

describe('the whole server', function () {
  this.timeout(60_000)
  let server: TestServer
  let ada: Caller & { teamId: string }
  let sockets: Socket[]

  beforeEach(async () => {
    sockets = []
    server = await startTestServer()
    ada = await server.signUp(undefined, 'Ada')
  })
  afterEach(async () => {
    for (const socket of sockets) socket.close()
    await server.stop()
  })

  function connect({ token }: Caller, replicaId: string): Promise<Socket> {
    const auth = { token, replicaId, protocol: 1 }
    const options = { auth, reconnection: false, forceNew: true, transports: ['websocket'] }
    const socket = io(`${server.url}/sync`, options)
    sockets.push(socket)
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(socket))
      socket.once('connect_error', reject)
    })
  }
  const next = <T>(socket: Socket, event: string) =>
    new Promise<T>((resolve) => socket.once(event, resolve))
  const creation = (): PipelineEvent =>
    pipelineEvent({
      ...{ pipelineId: id, replicaId: laptop, actorId: ada.userId as ActorId },
      type: 'PipelineCreated',
      payload: { name: 'Orders', teamId: ada.teamId as TeamId, graphRule: 'acyclic' },
    })
  /** Asks again until the answer is there; what comes with the log comes by itself. */
  async function eventually<T>(ask: () => Promise<T | null>): Promise<T> {
    for (;;) {
      const answer = await ask()
      if (answer !== null) return answer
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  it('passes one edit through all its rooms', async () => {
    const editor = await server.member(ada, 'editor')
    const [own, other] = [await connect(ada, laptop), await connect(editor, 'phone0000000')]
    const pushed = await own.emitWithAck('push', { pipelineId: id, events: [creation()] })
    expect(pushed).to.include({ ok: true, accepted: 1, head: 1 })
    const arriving = next<{ events: { event: PipelineEvent }[] }>(other, 'events')
    const opened = await other.emitWithAck('open', { pipelineId: id, after: 0 })
    expect(opened).to.include({ ok: true, role: 'editor', head: 1 })
    expect((await arriving).events.map(({ event }) => event)).to.deep.equal([creation()])
    const { body } = await server.get(`/api/pipelines/${id}/state`, editor.token)
    expect(body.pipeline).to.include({ name: 'Orders', teamId: ada.teamId })

    const { default: pg } = await import('pg')
    const client = new pg.Client(server.databaseUrl)
    await client.connect()
    const row = await eventually(async () => {
      const { rows } = await client.query('SELECT name, team_id FROM public.pipelines')
      return rows[0] ?? null
    })
    await client.end()
    expect(row).to.deep.equal({ name: 'Orders', team_id: ada.teamId })
    const ready = await server.get('/readyz')
    expect(ready.body).to.deep.equal({
      ready: true,
      parts: [
        { part: 'database', ready: true },
        { part: 'projector', ready: true },
      ],
    })
    const lag = await eventually(async () => {
      const { text } = await server.get('/metrics')
      return text.includes('tributary_projection_lag 0\n') ? text : null
    })
    expect(lag).to.match(/^tributary_sync_connections 2$/m)
  })

  it('ends what a removed member has open, and what a signed-out one sends', async () => {
    const editor = await server.member(ada, 'editor')
    const own = await connect(ada, laptop)
    await own.emitWithAck('push', { pipelineId: id, events: [creation()] })
    const other = await connect(editor, 'phone0000000')
    await other.emitWithAck('open', { pipelineId: id, after: 0 })
    const revoked = next<object>(other, 'revoked')
    await server.call('DELETE', `/api/teams/${ada.teamId}/members/${editor.userId}`, {
      token: ada.token,
    })
    expect(await revoked).to.include({ pipelineId: id })
    const again = await other.emitWithAck('open', { pipelineId: id, after: 0 })
    expect(again).to.include({ ok: false, code: 'not-found' })

    const left = next(own, 'disconnect')
    await server.post('/api/auth/logout', undefined, ada.token)
    const refused = await own.emitWithAck('push', { pipelineId: id, events: [creation()] })
    expect(refused).to.include({ ok: false })
    await left
    const handshake = await connect(ada, laptop).catch((error: { data?: object }) => error.data)
    expect(handshake).to.include({ code: 'unauthenticated' })
  })

  it('takes no session that has run out', async () => {
    const bob = await server.member(ada, 'viewer')
    const { default: pg } = await import('pg')
    const client = new pg.Client(server.databaseUrl)
    await client.connect()
    await client.query(
      "UPDATE auth.session SET expires_at = now() - interval '1 second' WHERE account_id = $1",
      [bob.userId],
    )
    await client.end()
    expectProblem(await server.get('/api/me', bob.token), 401, 'unauthenticated')
  })

  it('says so while its database is away, and goes on when it is back', async () => {
    const database = new URL(server.databaseUrl)
    const name = database.pathname.slice(1)
    database.pathname = '/postgres'
    const { default: pg } = await import('pg')
    const client = new pg.Client(database.href)
    await client.connect()
    try {
      await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
      const terminate = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1'
      await client.query(terminate, [name])
      expect((await server.get('/healthz')).status).to.equal(200)
      const ready = await eventually(async () => {
        const { status, body } = await server.get('/readyz')
        return status === 503 ? body : null
      })
      expect(ready.parts[0]).to.include({ part: 'database', ready: false })
      const me = await eventually(async () => {
        const answer = await server.get('/api/me', ada.token)
        return answer.status === 200 ? null : answer
      })
      expectProblem(me, 503, 'unavailable')
      const form = { email: ada.email, password: PASSWORD }
      expectProblem(await server.post('/api/auth/login', form), 503, 'unavailable')
    } finally {
      await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
      await client.end()
    }
    await eventually(async () => ((await server.get('/readyz')).status === 200 ? true : null))
    expect((await server.get('/api/me', ada.token)).status).to.equal(200)
  })
})
