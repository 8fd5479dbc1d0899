import { expect } from 'chai'
import { createPipelineDirectory } from '../../../backend/pipelines/pipeline-directory.ts'
import { createAdmission } from '../../../backend/sync/admission.ts'
import { startLogTail, type LogTail } from '../../../backend/sync/log-tail.ts'
import { createPresenceBoard, type PresenceBoard } from '../../../backend/sync/presence-board.ts'
import { SyncSession, type Connection } from '../../../backend/sync/sync-session.ts'
import { createTokenBucket } from '../../../backend/sync/token-bucket.ts'
import type { ActorId, TeamId } from '../../../domain/ids.ts'
import type { EventsMessage, PresenceUpdate } from '../../../domain/protocol/messages.ts'
import { PIPELINE } from '../../domain/pipeline/histories.ts'
import { TEAM, type Peer } from '../../domain/pipeline/peer.ts'
import { namedUuid } from '../../support/events.ts'
import { until } from '../../support/test-device.ts'
import { NOW, startWithPipeline, type TestAdmission } from './test-admission.ts'

/** A connection that remembers what it was sent, and is slow when told to be. */
class TestConnection implements Connection {
  readonly id: string
  readonly events: EventsMessage[] = []
  readonly revoked: string[] = []
  readonly roles: string[] = []
  readonly presence: PresenceUpdate[] = []
  #room: Promise<void> = Promise.resolve()
  #drain: () => void = () => undefined

  constructor(id: string) {
    this.id = id
  }

  sendEvents = (message: EventsMessage) => void this.events.push(message)
  sendRevoked = ({ pipelineId }: { pipelineId: string }) => void this.revoked.push(pipelineId)
  sendRole = ({ role }: { role: string }) => void this.roles.push(role)
  drained = () => this.#room

  fill(): void {
    this.#room = new Promise((resolve) => (this.#drain = resolve))
  }

  drain(): void {
    this.#room = Promise.resolve()
    this.#drain()
  }

  get revisions(): number[] {
    return this.events.flatMap(({ events }) => events.map(({ revision }) => revision))
  }
}

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('a session', () => {
  let server: TestAdmission
  let ann: Peer, ben: Peer, sam: Peer
  let tail: LogTail
  let presence: PresenceBoard
  const connections = new Map<string, TestConnection>()
  const sessions: SyncSession[] = []
  /** Asked before a role is told: a test changes it meanwhile. */
  let beforeRole: () => void = () => undefined

  beforeEach(async () => {
    ;({ server, ann, ben, sam } = await startWithPipeline())
    tail = await startLogTail(server.log)
    presence = createPresenceBoard((ids, update) => {
      for (const id of ids) connections.get(id)?.presence.push(update)
    })
  })

  afterEach(() => {
    for (const session of sessions.splice(0)) session.end()
    connections.clear()
    presence.stop()
    tail.stop()
    beforeRole = () => undefined
  })

  function connect(peer: Peer, batchSize = 100) {
    const connection = new TestConnection(`${peer.replicaId}/${connections.size}`)
    connections.set(connection.id, connection)
    const roleOf = async (teamId: TeamId, actorId: ActorId) => {
      beforeRole()
      return teamId === TEAM ? (server.roles.get(actorId) ?? null) : null
    }
    const { log } = server
    const directory = createPipelineDirectory(log)
    const now = () => NOW
    const admission = createAdmission({
      ...{ log, directory, roleOf, now },
      ownerOf: server.replicas.ownerOf,
    })
    const person = { actorId: peer.actorId, name: 'Somebody' }
    const bucket = createTokenBucket(200, now)
    const ports = { log, tail, directory, admission, roleOf, presence, now, batchSize }
    const session = new SyncSession(person, peer.replicaId, connection, bucket, ports)
    sessions.push(session)
    return { session, connection }
  }

  /** Opens as the socket does: the events start once the answer is on its way. */
  async function open(session: SyncSession, more: object = {}) {
    const { answer, start } = await session.open({ pipelineId: PIPELINE, after: 0, ...more })
    start?.()
    return answer
  }

  async function editTimes(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 100) {
      const size = Math.min(left, 100)
      const events = Array.from({ length: size }, (_, n) => ann.setTimeout('a', n))
      expect(await server.push(ann, events)).to.have.property('accepted', size)
    }
  }

  describe('that opens a pipeline', () => {
    it('is told role, head, vector and time, and sent everything from there on', async () => {
      const { session, connection } = connect(ben)
      expect(await open(session)).to.deep.equal({
        ok: true,
        role: 'editor',
        head: 3,
        vector: { [ann.replicaId]: 3 },
        serverTime: NOW,
      })
      await until(() => connection.revisions.length === 3, 'the history')
      await editTimes(2)
      await until(() => connection.revisions.length === 5, 'the new events')
      expect(connection.revisions).to.deep.equal(upTo(5))
      expect(connection.events[0]!.events[0]).to.have.keys(
        'revision',
        'position',
        'recordedAt',
        'prevHash',
        'hash',
        'event',
      )
    })

    it('is sent only what it lacks, in batches, each with the head that it leads to', async () => {
      await editTimes(250)
      const { session, connection } = connect(ben)
      await open(session, { after: 3 })
      await until(() => connection.revisions.length === 250, 'the rest')
      expect(connection.revisions).to.deep.equal(upTo(253, 4))
      expect(connection.events.map(({ events, head }) => [events.length, head])).to.deep.equal([
        [100, 103],
        [100, 203],
        [50, 253],
      ])
    })

    it('is not found where it is none of theirs, or not there', async () => {
      const { session, connection } = connect(sam)
      const refused = { ok: false, code: 'not-found' }
      expect(await open(session)).to.deep.include(refused)
      expect(await open(session, { hash: 'f'.repeat(64), after: 3 })).to.deep.include(refused)
      expect(await open(session, { after: 99 })).to.deep.include(refused)
      expect(await open(session, { pipelineId: namedUuid('no such') })).to.deep.include(refused)
      await editTimes(1)
      expect(connection.events).to.deep.equal([])
    })

    it('is malformed where the message is', async () => {
      const { session } = connect(ben)
      const wrong = [
        null,
        {},
        { pipelineId: PIPELINE, after: -1 },
        { pipelineId: PIPELINE, after: 0.5 },
        { pipelineId: 'x', after: 0 },
        { pipelineId: PIPELINE, after: 0, hash: 'short' },
      ]
      for (const message of wrong) {
        const { answer, start } = await session.open(message)
        expect(answer).to.deep.include({ ok: false, code: 'malformed' })
        expect(start).to.equal(undefined)
      }
    })

    it('is told of another history by a hash, or a revision, that is not here', async () => {
      const { session, connection } = connect(ben)
      const other = { ok: false, code: 'other-history' }
      expect(await open(session, { after: 2, hash: 'f'.repeat(64) })).to.deep.include(other)
      expect(await open(session, { after: 4 })).to.deep.include(other)
      expect(await open(session, { after: 4, hash: 'f'.repeat(64) })).to.deep.include(other)
      expect(connection.events).to.deep.equal([])
      const [, second] = await server.log.readStream(`pipeline-${PIPELINE}` as never, { limit: 2 })
      const ours = await open(session, { after: 2, hash: second!.hash })
      expect(ours).to.deep.include({ ok: true, head: 3 })
      await until(() => connection.revisions.length === 1, 'what it lacks')
    })

    it('twice over is sent everything once', async () => {
      const { session, connection } = connect(ben)
      await Promise.all([open(session), open(session), open(session)])
      await editTimes(1)
      await until(() => connection.revisions.includes(4), 'the new event')
      connection.events.length = 0
      await editTimes(3)
      await until(() => connection.revisions.includes(7), 'the new events')
      expect(connection.revisions).to.deep.equal([5, 6, 7])
    })

    it('again, from elsewhere, is sent on from there alone', async () => {
      await editTimes(10)
      const { session, connection } = connect(ben, 5)
      await open(session)
      await until(() => connection.revisions.length === 13, 'the history')
      connection.events.length = 0
      await open(session, { after: 11 })
      await until(() => connection.revisions.length === 2, 'the rest')
      expect(connection.revisions).to.deep.equal([12, 13])
    })

    it('while their role is taken away is sent nothing after that', async () => {
      const { session, connection } = connect(ben)
      beforeRole = () => {
        beforeRole = () => undefined
        queueMicrotask(() => {
          server.roles.delete(ben.actorId)
          session.roleChanged(TEAM, null)
        })
      }
      await open(session)
      await editTimes(1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(connection.revisions).to.deep.equal([])
      expect(connection.revoked).to.deep.equal([PIPELINE])
      server.roles.set(ben.actorId, 'viewer')
      session.roleChanged(TEAM, 'viewer')
      expect(connection.roles).to.deep.equal([])
      expect(await open(session)).to.deep.include({ ok: true, role: 'viewer' })
      await until(() => connection.revisions.length === 4, 'everything, once a member again')
    })
  })

  describe('that has a pipeline open', () => {
    it('holds one batch and no more while it is slow, and then goes on without a gap', async () => {
      const { session, connection } = connect(ben, 10)
      connection.fill()
      await open(session)
      await until(() => connection.events.length === 1, 'the first batch')
      await editTimes(800)
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(connection.events).to.have.length(1)
      connection.drain()
      await until(() => connection.revisions.length === 803, 'the rest')
      expect(connection.revisions).to.deep.equal(upTo(803))
    })

    it('costs another that keeps up nothing while it is slow', async () => {
      const [slow, quick] = [connect(ben), connect(ann)]
      slow.connection.fill()
      await open(slow.session)
      await open(quick.session)
      await editTimes(600)
      await until(() => quick.connection.revisions.length === 603, 'the quick one')
      expect(quick.connection.revisions).to.deep.equal(upTo(603))
      expect(slow.connection.events).to.have.length(1)
    })

    it('misses nothing and gets nothing twice while others push all the time', async () => {
      const readers = [connect(ben, 7), connect(ben, 100), connect(ann, 3)]
      const pushing = editTimes(1_000)
      for (const { session } of readers) await open(session)
      await pushing
      for (const { connection } of readers) {
        await until(() => connection.revisions.at(-1) === 1_003, 'a reader to catch up')
        expect(connection.revisions).to.deep.equal(upTo(1_003))
      }
    })

    it('is sent nothing more once it has closed it, or has ended', async () => {
      const [closing, ending] = [connect(ben), connect(ann)]
      await open(closing.session)
      await open(ending.session)
      await until(() => ending.connection.revisions.length === 3, 'the history')
      expect(closing.session.close({ pipelineId: PIPELINE })).to.deep.equal({ ok: true })
      ending.session.end()
      await editTimes(1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(closing.connection.revisions).to.deep.equal([1, 2, 3])
      expect(ending.connection.revisions).to.deep.equal([1, 2, 3])
    })

    it('is told when the person is no member any more, and sent nothing more', async () => {
      const { session, connection } = connect(ben)
      await open(session)
      await until(() => connection.revisions.length === 3, 'the history')
      session.roleChanged(namedUuid('another team') as TeamId, null)
      expect(connection.revoked).to.deep.equal([])
      session.roleChanged(TEAM, null)
      expect(connection.revoked).to.deep.equal([PIPELINE])
      await editTimes(1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(connection.revisions).to.deep.equal([1, 2, 3])
    })
  })

  describe('of a person whose role changes', () => {
    it('is told so, and goes on being sent what happens', async () => {
      const { session, connection } = connect(ben)
      await open(session)
      session.roleChanged(namedUuid('another team') as TeamId, 'owner')
      session.roleChanged(TEAM, 'viewer')
      expect(connection.roles).to.deep.equal(['viewer'])
      await editTimes(1)
      await until(() => connection.revisions.length === 4, 'the edit')
      expect(connection.revoked).to.deep.equal([])
    })

    it('is told so though the change came while it opened the pipeline', async () => {
      const { session, connection } = connect(ben)
      beforeRole = () => {
        beforeRole = () => undefined
        queueMicrotask(() => session.roleChanged(TEAM, 'owner'))
      }
      await open(session)
      await until(() => connection.revisions.length === 3, 'the history')
      expect(connection.roles).to.deep.equal(['owner'])
    })
  })

  describe('that pushes', () => {
    it('needs no open', async () => {
      const events = [ben.setTimeout('a', 1)]
      const { session } = connect(ben)
      const answer = await session.push({ pipelineId: PIPELINE, events, epoch: 1 })
      expect(answer).to.deep.include({ ok: true, accepted: 1 })
    })

    it('is answered malformed where the message is, with nothing accepted', async () => {
      const { session } = connect(ben)
      const wrong = [
        undefined,
        7,
        { pipelineId: PIPELINE },
        { pipelineId: PIPELINE, events: {} },
        { pipelineId: PIPELINE, events: [], epoch: -1 },
        { pipelineId: PIPELINE, events: [], epoch: '1' },
      ]
      for (const message of wrong) {
        expect(await session.push(message)).to.deep.include({
          ok: false,
          code: 'malformed',
          at: 0,
          accepted: 0,
          duplicates: 0,
        })
      }
      expect(session.close({ pipelineId: 7 })).to.deep.include({ ok: false, code: 'malformed' })
    })

    it('is limited to 200 pushes a second that bring something new', async () => {
      const { session } = connect(ben)
      const events = Array.from({ length: 201 }, (_, n) => ben.setTimeout('a', n))
      for (const event of events.slice(0, 200)) {
        const answer = await session.push({ pipelineId: PIPELINE, events: [event] })
        expect(answer).to.have.property('accepted', 1)
      }
      const refused = await session.push({ pipelineId: PIPELINE, events: events.slice(-1) })
      expect(refused).to.deep.include({ ok: false, code: 'rate-limited', retryAfterMs: 5 })
      const again = await session.push({ pipelineId: PIPELINE, events: events.slice(0, 100) })
      expect(again).to.deep.include({ ok: true, duplicates: 100 })
    })
  })

  describe('that shows where it is', () => {
    const shown = (connection: TestConnection) => connection.presence.at(-1)?.members ?? []

    it('is seen by those who have the pipeline open, and by nobody else', async () => {
      const [one, two, outside] = [connect(ben), connect(ann), connect(sam)]
      await open(one.session)
      await open(two.session)
      await open(outside.session)
      const here = { cursor: { x: 3, y: 4 }, selection: ['s'], editing: 's/name' }
      one.session.presence({ pipelineId: PIPELINE, ...here })
      await until(() => shown(two.connection).length === 2, 'both to be shown')
      expect(shown(two.connection)).to.deep.include({
        connectionId: one.connection.id,
        actorId: ben.actorId,
        name: 'Somebody',
        ...here,
      })
      expect(outside.connection.presence).to.deep.equal([])
    })

    it('is not, of a pipeline that it has not open, nor in another form', async () => {
      const [one, two] = [connect(ben), connect(ann)]
      await open(two.session)
      await until(() => shown(two.connection).length === 1, 'the first one')
      one.session.presence({ pipelineId: PIPELINE, cursor: { x: 1, y: 1 } })
      await open(one.session)
      one.session.presence({ pipelineId: PIPELINE, cursor: 'everywhere' })
      one.session.presence(null)
      one.session.presence({ pipelineId: PIPELINE, selection: Array(201).fill('s') })
      await until(() => shown(two.connection).length === 2, 'the second one')
      const [, second] = shown(two.connection)
      expect(second).not.to.have.any.keys('cursor', 'selection')
    })

    it('cannot speak for another person', async () => {
      const { session, connection } = connect(ben)
      await open(session)
      const forged = { actorId: ann.actorId, name: 'Ann', connectionId: 'x' }
      session.presence({ pipelineId: PIPELINE, cursor: { x: 1, y: 1 }, ...forged })
      await until(() => shown(connection).length === 1, 'itself')
      expect(shown(connection)[0]).to.deep.include({ actorId: ben.actorId, name: 'Somebody' })
    })

    it('is gone when it closes, ends or loses its role, and the others are told', async () => {
      const watching = connect(ann)
      await open(watching.session)
      const leave: ((session: SyncSession) => void)[] = [
        (session) => session.close({ pipelineId: PIPELINE }),
        (session) => session.end(),
        (session) => session.roleChanged(TEAM, null),
      ]
      for (const go of leave) {
        const { session } = connect(ben)
        await open(session)
        await until(() => shown(watching.connection).length === 2, 'the other to come')
        go(session)
        await until(() => shown(watching.connection).length === 1, 'the other to go')
        session.presence({ pipelineId: PIPELINE, cursor: { x: 1, y: 1 } })
      }
      await new Promise((resolve) => setTimeout(resolve, 80))
      expect(shown(watching.connection)).to.have.length(1)
    })
  })
})
