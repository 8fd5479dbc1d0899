import { expect } from 'chai'
import type { PipelineId, ReplicaId, Revision } from '../../../domain/ids.ts'
import { ClockEncoder } from '../../../domain/protocol/clock-coding.ts'
import type {
  EventsMessage,
  PresenceUpdate,
  RevokedMessage,
  RoleMessage,
} from '../../../domain/protocol/messages.ts'
import { ConnectRefused, Disconnected, type Link } from '../../../frontend/replica/transport.ts'
import { createSocketTransport } from '../../../frontend/transport/socket-transport.ts'
import { startScriptedServer, type ScriptedServer } from '../../backend/sync/scripted-server.ts'
import { namedUuid, pipelineEvent } from '../../support/events.ts'
import { until } from '../../support/test-device.ts'

const REPLICA = 'replica00001' as ReplicaId
const PIPELINE = namedUuid('pipeline') as PipelineId
const opening = { pipelineId: PIPELINE, after: 0 as Revision }

describe('the socket transport', () => {
  let server: ScriptedServer
  const links: Link[] = []

  beforeEach(async () => {
    server = await startScriptedServer()
  })

  afterEach(async () => {
    for (const link of links.splice(0)) link.end()
    await server.stop()
  })

  async function connect(): Promise<Link> {
    const link = await createSocketTransport(server.origin).connect('token', REPLICA)
    links.push(link)
    return link
  }

  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => expect.fail('it worked'),
      (error: unknown) => error,
    )
  const atServer = () => server.sockets()[0]!

  it('connects with token, replica and protocol version', async () => {
    await connect()
    const auth = { token: 'token', replicaId: REPLICA, protocol: 1, clocks: 'delta' }
    expect(server.handshakes).to.deep.equal([auth])
  })

  it('says with its code that the server refused', async () => {
    server.refuse = { code: 'unauthenticated', message: 'Sign in first.' }
    const error = await failureOf(connect())
    expect(error).to.be.instanceOf(ConnectRefused)
    expect(error).to.deep.include({ code: 'unauthenticated', message: 'Sign in first.' })
  })

  it('says that nobody answered, and does not try again by itself', async () => {
    await server.stop()
    expect(await failureOf(connect())).to.be.instanceOf(Disconnected)
    expect(server.handshakes).to.deep.equal([])
  })

  it('gives the answers to what it asks', async () => {
    server.onConnection((socket) => {
      socket.on('open', (message, reply) => reply({ ok: true, role: 'editor', of: message }))
      socket.on('push', (message, reply) => reply({ ok: true, accepted: message.events.length }))
      socket.on('close', (_, reply) => reply({ ok: true }))
    })
    const link = await connect()
    expect(await link.open(opening)).to.deep.equal({ ok: true, role: 'editor', of: opening })
    const push = { pipelineId: PIPELINE, events: [pipelineEvent()], epoch: 1 }
    expect(await link.push(push)).to.deep.equal({ ok: true, accepted: 1 })
    expect(await link.close(PIPELINE)).to.equal(undefined)
  })

  it('hands on what the server sends, to whoever subscribes, until they stop', async () => {
    const link = await connect()
    const heard: unknown[] = []
    const subscriptions = [
      link.events.subscribe((message: EventsMessage) => heard.push(message)),
      link.presence.subscribe((message: PresenceUpdate) => heard.push(message)),
      link.revoked.subscribe((message: RevokedMessage) => heard.push(message)),
      link.role.subscribe((message: RoleMessage) => heard.push(message)),
    ]
    const names = ['events', 'presence', 'revoked', 'role']
    for (const name of names) atServer().emit(name, { name, events: [] })
    await until(() => heard.length === names.length, 'all of them')
    expect(heard).to.deep.equal(names.map((name) => ({ name, events: [] })))
    for (const subscription of subscriptions) subscription.unsubscribe()
    atServer().emit('events', { name: 'late', events: [] })
    atServer().emit('presence', { name: 'late' })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(heard).to.have.length(4)
  })

  it('gives events with whole clocks, once for all who listen', async () => {
    const link = await connect()
    const heard: EventsMessage[][] = [[], []]
    for (const list of heard) link.events.subscribe((message) => list.push(message))
    const events = [1, 2, 3].map((seq) => pipelineEvent({ pipelineId: PIPELINE, seq }))
    const encoder = new ClockEncoder()
    for (const event of events) {
      const coded = { revision: event.seq, event: encoder.encode(event) }
      atServer().emit('events', { pipelineId: PIPELINE, events: [coded], head: 3 })
    }
    await until(() => heard[1]!.length === 3, 'all of them')
    for (const list of heard) {
      const whole = list.flatMap((message) => message.events.map((stored) => stored.event))
      expect(whole).to.deep.equal(events)
    }
  })

  it('pushes differences of clocks once the server has said that it takes them', async () => {
    const pushed: unknown[] = []
    let clocks: object = {}
    server.onConnection((socket) => {
      socket.on('open', (_, reply) => reply({ ok: true, role: 'editor', ...clocks }))
      socket.on('push', (message, reply) => {
        pushed.push(...message.events.map((event: object) => 'clockDelta' in event))
        reply({ ok: true })
      })
    })
    const link = await connect()
    const push = (...seqs: number[]) =>
      link.push({
        pipelineId: PIPELINE,
        events: seqs.map((seq) => pipelineEvent({ pipelineId: PIPELINE, seq })),
      })
    await push(1, 2)
    await link.open(opening)
    await push(3)
    clocks = { clocks: 'delta' }
    expect(await link.open(opening)).to.deep.equal({ ok: true, role: 'editor' })
    await push(4, 5)
    expect(pushed).to.deep.equal([false, false, false, true, true])
  })

  it('shows presence without waiting for an answer', async () => {
    const shown: unknown[] = []
    server.onConnection((socket) => void socket.on('presence', (m) => shown.push(m)))
    const link = await connect()
    link.showPresence({ pipelineId: PIPELINE, editing: 's/name' })
    await until(() => shown.length === 1, 'the server to hear it')
    expect(shown).to.deep.equal([{ pipelineId: PIPELINE, editing: 's/name' }])
  })

  describe('whose connection ends', () => {
    it('tells whoever listens, and at once whoever listens later', async () => {
      const link = await connect()
      let told = 0
      link.ended.subscribe(() => (told += 1))
      expect(told).to.equal(0)
      atServer().disconnect(true)
      await until(() => told === 1, 'the end')
      link.ended.subscribe(() => (told += 1))
      expect(told).to.equal(2)
    })

    it('rejects what waits for an answer, and what is asked after that', async () => {
      const link = await connect()
      const waiting = failureOf(link.open(opening))
      await new Promise((resolve) => setTimeout(resolve, 30))
      atServer().disconnect(true)
      expect(await waiting).to.be.instanceOf(Disconnected)
      expect(await failureOf(link.push({ pipelineId: PIPELINE, events: [] }))).to.be.instanceOf(
        Disconnected,
      )
    })

    it('ends by itself when it is told to, and the server notices', async () => {
      const link = await connect()
      expect(server.sockets().length).to.equal(1)
      link.end()
      await until(() => server.sockets().length === 0, 'the server to notice')
    })
  })
})
