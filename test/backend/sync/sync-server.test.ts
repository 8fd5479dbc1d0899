import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { io, type Socket } from 'socket.io-client'
import { createPipelineDirectory } from '../../../backend/pipelines/pipeline-directory.ts'
import { createAdmission } from '../../../backend/sync/admission.ts'
import { startLogTail, type LogTail } from '../../../backend/sync/log-tail.ts'
import { startSyncServer, type SyncServer } from '../../../backend/sync/sync-server.ts'
import type { ActorId, TeamId } from '../../../domain/ids.ts'
import {
  ClockDecoder,
  ClockEncoder,
  type CodedEvent,
} from '../../../domain/protocol/clock-coding.ts'
import type {
  CodedEvents,
  EventsMessage,
  OpenAnswer,
  PresenceUpdate,
  PushAnswer,
} from '../../../domain/protocol/messages.ts'
import type { Role } from '../../../domain/team/roles.ts'
import { PIPELINE } from '../../domain/pipeline/histories.ts'
import { TEAM, type Peer } from '../../domain/pipeline/peer.ts'
import { until } from '../../support/test-device.ts'
import { NOW, startWithPipeline, type TestAdmission } from './test-admission.ts'

const MiB = 1024 * 1024

describe('the sync server, over real sockets', () => {
  let node: TestAdmission
  let ann: Peer, ben: Peer
  let http: Server
  let sync: SyncServer
  let tail: LogTail
  let origin: string
  const sockets: Socket[] = []
  /** Tokens that are good now, and whose they are. */
  const tokens = new Map<string, Peer>()
  const errors: string[] = []
  let tellMembership: (teamId: TeamId, userId: ActorId, role: Role | null) => void
  let verifyFails = false
  let verifyEveryMs = 60_000

  beforeEach(async () => {
    verifyFails = false
    errors.length = 0
    tokens.clear()
    ;({ server: node, ann, ben } = await startWithPipeline())
    tokens.set('token of ann', ann).set('token of ben', ben)
    const { log, roles } = node
    const roleOf = async (teamId: TeamId, actorId: ActorId) =>
      teamId === TEAM ? (roles.get(actorId) ?? null) : null
    const directory = createPipelineDirectory(log)
    const now = () => NOW
    tail = await startLogTail(log)
    http = createServer()
    sync = startSyncServer(http, {
      log,
      tail,
      directory,
      admission: createAdmission({ log, directory, roleOf, ownerOf: node.replicas.ownerOf, now }),
      claimReplica: node.replicas.claim,
      roleOf,
      now,
      batchSize: 100,
      async verify(token) {
        if (verifyFails) throw new Error('the accounts cannot be reached')
        const peer = tokens.get(token)
        return peer ? { actorId: peer.actorId, name: peer.replicaId } : null
      },
      onMembershipChange(listener) {
        tellMembership = listener
        return () => undefined
      },
      logger: { error: (_, message) => void errors.push(message) },
      verifyEveryMs,
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  })

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.disconnect()
    await sync.stop()
    tail.stop()
  })

  function dial(auth: object): Socket {
    const transports = ['websocket']
    const socket = io(`${origin}/sync`, { auth, transports, reconnection: false, forceNew: true })
    sockets.push(socket)
    return socket
  }

  const authOf = (peer: Peer) => ({
    token: `token of ${peer.replicaId.replace(/0+$/, '')}`,
    replicaId: peer.replicaId,
    protocol: 1,
  })

  async function connect(peer: Peer): Promise<Socket> {
    const socket = dial(authOf(peer))
    await new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(null))
      socket.once('connect_error', reject)
    })
    return socket
  }

  async function refusalOf(auth: object): Promise<unknown> {
    const socket = dial(auth)
    return new Promise((resolve, reject) => {
      socket.once('connect', () => reject(new Error('it was let in')))
      socket.once('connect_error', (error) => resolve((error as { data?: unknown }).data))
    })
  }

  const ask = <T>(socket: Socket, name: string, ...message: unknown[]): Promise<T> =>
    socket.timeout(5_000).emitWithAck(name, ...message) as Promise<T>
  const push = (socket: Socket, events: unknown) =>
    ask<PushAnswer>(socket, 'push', { pipelineId: PIPELINE, events })
  const open = (socket: Socket, after = 0) =>
    ask<OpenAnswer>(socket, 'open', { pipelineId: PIPELINE, after })

  function received(socket: Socket): number[] {
    const revisions: number[] = []
    socket.on('events', ({ events }: EventsMessage) =>
      revisions.push(...events.map(({ revision }) => revision)),
    )
    return revisions
  }

  /** The server is in order when somebody can still open, push and be sent the event. */
  async function expectInOrder(): Promise<void> {
    const socket = await connect(ann)
    const revisions = received(socket)
    expect(await open(socket)).to.have.property('ok', true)
    const answer = await push(socket, [ann.setTimeout('a', Math.random())])
    expect(answer).to.deep.include({ ok: true, accepted: 1 })
    await until(() => revisions.includes(answer.head), 'the new event')
    socket.disconnect()
  }

  it('sends and takes clocks as differences where the device says that it knows them', async () => {
    const socket = dial({ ...authOf(ann), clocks: 'delta' })
    const [encoder, decoder] = [new ClockEncoder(), new ClockDecoder()]
    const heard: [coded: CodedEvent, whole: unknown][] = []
    socket.on('events', ({ events }: CodedEvents) =>
      heard.push(
        ...events.map(({ event }) => [event, decoder.decode(event)] as [CodedEvent, unknown]),
      ),
    )
    expect(await open(socket)).to.deep.include({ ok: true, clocks: 'delta' })
    const events = [1, 2, 3, 4].map((timeout) => ann.setTimeout('a', timeout))
    for (const part of [events.slice(0, 3), events.slice(3)]) {
      const coded = part.map((event) => encoder.encode(event))
      expect(await push(socket, coded)).to.deep.include({ ok: true, accepted: part.length })
    }
    await until(
      () => heard.length >= 4 && heard.at(-1)![0].seq === events[3]!.seq,
      'the new events',
    )
    expect(heard.slice(-4).map(([, whole]) => whole)).to.deep.equal(events)
    expect(heard.slice(-3).every(([coded]) => 'clockDelta' in coded)).to.equal(true)
    const other = await connect(ben)
    const whole: unknown[] = []
    other.on('events', ({ events: stored }: EventsMessage) =>
      whole.push(...stored.map(({ event }) => event)),
    )
    await open(other)
    await until(() => whole.length >= heard.length, 'the same events')
    expect(whole.slice(-4)).to.deep.equal(events)
  })

  it('refuses a difference that builds on nothing, and goes on', async () => {
    const socket = await connect(ann)
    const { clock: _, ...rest } = ann.setTimeout('a', 1)
    const answer = await push(socket, [{ ...rest, clockDelta: {} }])
    expect(answer).to.deep.include({ ok: false, at: 0, code: 'malformed' })
    socket.disconnect()
  })

  describe('at the handshake', () => {
    it('lets in who has a good token', async () => {
      await connect(ben)
      expect(sync.connections()).to.equal(1)
    })

    const cases: [string, (good: ReturnType<typeof authOf>) => object, string][] = [
      ['no token', ({ replicaId, protocol }) => ({ replicaId, protocol }), 'unauthenticated'],
      ['nothing at all', () => ({}), 'unauthenticated'],
      ['a token of nobody', (good) => ({ ...good, token: 'old' }), 'unauthenticated'],
      ['no protocol version', ({ token, replicaId }) => ({ token, replicaId }), 'protocol-too-old'],
      ['a replica id of another form', (good) => ({ ...good, replicaId: 'x' }), 'malformed'],
      ['a token that is no text', (good) => ({ ...good, token: { a: 1 } }), 'malformed'],
      ['a protocol that is no number', (good) => ({ ...good, protocol: 'one' }), 'malformed'],
      ['a token of great length', (good) => ({ ...good, token: 't'.repeat(10_000) }), 'malformed'],
    ]
    for (const [name, auth, code] of cases) {
      it(`refuses ${name}: ${code}`, async () => {
        const refused = (await refusalOf(auth(authOf(ben)))) as { message: string }
        expect(refused).to.have.property('code', code)
        expect(refused.message).to.match(/^[A-Z].*\.$/)
        expect(sync.connections()).to.equal(0)
      })
    }

    it('refuses everybody for now while sessions cannot be looked up', async () => {
      verifyFails = true
      expect(await refusalOf(authOf(ben))).to.have.property('code', 'unavailable')
      expect(errors).to.have.length(1)
      verifyFails = false
      await expectInOrder()
    })
  })

  it('answers open first and sends the events after it, in order', async () => {
    const socket = await connect(ben)
    const order: string[] = []
    socket.on('events', () => order.push('events'))
    const revisions = received(socket)
    const answer = await new Promise<OpenAnswer>((resolve) =>
      socket.emit('open', { pipelineId: PIPELINE, after: 1 }, (given: OpenAnswer) => {
        order.push('answer')
        resolve(given)
      }),
    )
    expect(answer).to.deep.include({ ok: true, role: 'editor', head: 3, serverTime: NOW })
    await until(() => revisions.length === 2, 'the events')
    expect(order).to.deep.equal(['answer', 'events'])
    expect(revisions).to.deep.equal([2, 3])
  })

  it('sends what one pushes to everybody who has it open', async () => {
    const [left, right] = [await connect(ann), await connect(ben)]
    const revisions = [received(left), received(right)]
    for (const socket of [left, right]) await open(socket, 3)
    await push(right, [ben.setTimeout('a', 1), ben.setTimeout('a', 2)])
    await until(() => revisions.every((own) => own.length === 2), 'both to have both')
    expect(revisions).to.deep.equal([
      [4, 5],
      [4, 5],
    ])
  })

  it('keeps the order of pushes that follow each other without waiting', async () => {
    const socket = await connect(ben)
    const events = Array.from({ length: 30 }, (_, n) => ben.setTimeout('a', n))
    const answers = await Promise.all(events.map((event) => push(socket, [event])))
    for (const answer of answers) expect(answer).to.deep.include({ ok: true, accepted: 1 })
    expect((await node.stored()).slice(3)).to.deep.equal(events)
  })

  it('answers a push of 5 MB with too-large, and goes on', async () => {
    const socket = await connect(ben)
    const value = 'x'.repeat(200 * 1024)
    const events = Array.from({ length: 25 }, (_, n) => ({ ...ben.setTimeout('a', n), value }))
    expect(JSON.stringify(events).length).to.be.greaterThan(4.8 * MiB)
    expect(await push(socket, events)).to.deep.include({ ok: false, code: 'too-large', at: 0 })
    const { id, ...rest } = events[0]!
    expect(id).to.be.a('string')
    expect(await push(socket, [rest])).to.deep.include({ code: 'malformed' })
    await expectInOrder()
  })

  it('cuts off a message of 9 MB, and nobody else notices', async () => {
    const [socket, other] = [await connect(ben), await connect(ann)]
    const closed = new Promise((resolve) => socket.once('disconnect', resolve))
    socket.emit('push', { pipelineId: PIPELINE, events: ['x'.repeat(9 * MiB)] })
    await closed
    expect(other.connected).to.equal(true)
    await until(() => sync.connections() === 1, 'the server to notice')
    await expectInOrder()
  })

  describe('sent what nobody should send', () => {
    const garbage: unknown[] = [
      undefined,
      null,
      7,
      'push',
      [],
      { pipelineId: 7 },
      { pipelineId: PIPELINE, events: 'all' },
      Buffer.from('binary'),
      { pipelineId: PIPELINE, events: [Buffer.from('binary')], after: Buffer.from('x') },
    ]

    it('answers each message as malformed, and stays up', async () => {
      const socket = await connect(ben)
      for (const message of garbage) {
        for (const name of ['open', 'push', 'close']) {
          const answer = await ask<{ ok: boolean; code?: string }>(socket, name, message)
          if (name === 'close' && (message as { events?: unknown } | null)?.events) continue
          expect(answer, `${name} ${JSON.stringify(message)}`).to.include({ ok: false })
          expect(answer.code).to.equal('malformed')
        }
        socket.emit('presence', message)
      }
      expect(socket.connected).to.equal(true)
      expect(errors).to.deep.equal([])
      await expectInOrder()
    })

    it('bears messages without an acknowledgement, without anything, and of unknown names', async () => {
      const socket = await connect(ben)
      const events = [ben.setTimeout('a', 1)]
      socket.emit('push', { pipelineId: PIPELINE, events })
      socket.emit('push')
      socket.emit('open', 1, 2, 3)
      socket.emit('close', { pipelineId: PIPELINE }, 'not a function')
      socket.emit('no such message', {})
      await until(async () => (await node.stored()).length === 4, 'the unacknowledged push')
      await expectInOrder()
      expect(errors).to.deep.equal([])
    })

    it('bears JSON that is nested without end', async () => {
      const socket = await connect(ben)
      const text = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
      const { pipelineId } = ben.seen[0]!
      const closed = new Promise((resolve) => socket.once('disconnect', resolve))
      const packet = `2/sync,1["push",{"pipelineId":"${pipelineId}","events":[${text}]}]`
      const answered = new Promise((resolve) => {
        ;(socket as unknown as { acks: Record<number, unknown> }).acks[1] = resolve
      })
      socket.io.engine.write(packet)
      const answer = await Promise.race([answered, closed.then(() => null)])
      expect(answer).to.deep.include({ ok: false, code: 'malformed' })
      await expectInOrder()
    })

    it('cuts off who does not speak the language, and stays up', async () => {
      for (const packet of ['nonsense', '2/sync,[', '2/sync,{"a":1}', '9', '2/other,["push"]']) {
        const socket = await connect(ben)
        socket.io.engine.write(packet)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      const response = await fetch(`${origin}/socket.io/?EIO=4&transport=polling&sid=x`)
      expect(response.status).to.equal(400)
      await expectInOrder()
    })
  })

  it('answers unavailable where something fails, says so in its log, and stays up', async () => {
    const socket = await connect(ben)
    node.isDown = true
    expect(await open(socket)).to.deep.include({ ok: false, code: 'unavailable' })
    expect(await push(socket, [ben.setTimeout('a', 1)])).to.deep.include({ code: 'unavailable' })
    node.isDown = false
    verifyFails = true
    expect(await open(socket)).to.deep.include({ ok: false, code: 'unavailable' })
    verifyFails = false
    expect(socket.connected).to.equal(true)
    expect(await push(socket, ben.seen.slice(-1))).to.deep.include({ ok: true, accepted: 1 })
    expect(errors).not.to.deep.equal([])
    await expectInOrder()
  })

  it('accepts nothing from a session that has ended meanwhile, and sends it away', async () => {
    const socket = await connect(ben)
    await open(socket)
    const closed = new Promise((resolve) => socket.once('disconnect', resolve))
    tokens.delete('token of ben')
    expect(await push(socket, [ben.setTimeout('a', 1)])).to.deep.include({
      ok: false,
      code: 'unavailable',
      accepted: 0,
    })
    await closed
    expect(await node.stored()).to.have.length(3)
    expect(await refusalOf(authOf(ben))).to.have.property('code', 'unauthenticated')
    expect(sync.connections()).to.equal(0)
  })

  describe('looking at sessions now and then', () => {
    before(() => void (verifyEveryMs = 25))
    after(() => void (verifyEveryMs = 60_000))

    it('sends away who only listens, once their session has ended', async () => {
      const [gone, stays] = [await connect(ben), await connect(ann)]
      const revisions = received(gone)
      await open(gone)
      verifyFails = true
      await until(() => errors.length > 2, 'some looks in vain')
      expect(gone.connected).to.equal(true)
      verifyFails = false
      tokens.delete('token of ben')
      await until(() => !gone.connected, 'the end of the connection')
      await push(stays, [ann.setTimeout('a', 1)])
      expect(stays.connected).to.equal(true)
      expect(revisions).not.to.include(4)
    })
  })

  it('tells a member who leaves, on each of their sockets, and nobody else', async () => {
    const all = [await connect(ben), await connect(ben), await connect(ann)]
    const revoked: number[] = []
    for (const [i, socket] of all.entries()) {
      socket.on('revoked', ({ pipelineId }: { pipelineId: string }) => {
        expect(pipelineId).to.equal(PIPELINE)
        revoked.push(i)
      })
      await open(socket)
    }
    node.roles.delete(ben.actorId)
    tellMembership(TEAM, ben.actorId, null)
    await until(() => revoked.length === 2, 'both of their sockets')
    expect(revoked.sort()).to.deep.equal([0, 1])
    expect(await open(all[0]!)).to.deep.include({ ok: false, code: 'not-found' })
  })

  it('shows people to each other, and lets go of them when they are gone', async () => {
    const [left, right] = [await connect(ann), await connect(ben)]
    let shown: PresenceUpdate['members'] = []
    left.on('presence', ({ members }: PresenceUpdate) => (shown = members))
    await open(left)
    await open(right)
    right.emit('presence', { pipelineId: PIPELINE, editing: 's/name' })
    await until(() => shown.some(({ editing }) => editing === 's/name'), 'the other one')
    expect(shown.map(({ actorId }) => actorId)).to.have.members([ann.actorId, ben.actorId])
    right.disconnect()
    await until(() => shown.length === 1, 'the other to be gone')
  })
})
