import { expect } from 'chai'
import { createPostgresLog, type PostgresLog } from '../../../backend/log/postgres/postgres-log.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import {
  pipelineStream,
  type ActorId,
  type PipelineId,
  type ReplicaId,
  type Revision,
  type TeamId,
} from '../../../domain/ids.ts'
import { evolveAll } from '../../../domain/pipeline/evolve.ts'
import { restoreSnapshot } from '../../../domain/pipeline/snapshot.ts'
import { initialState } from '../../../domain/pipeline/state.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { createPipelineApi } from '../../../frontend/api/pipeline-api.ts'
import { namedUuid, pipelineEvent, pipelineEvents } from '../../support/events.ts'
import { expectProblem } from './expect-problem.ts'
import { startTestServer, type Caller, type TestServer } from './test-server.ts'

const laptop = 'laptop000000' as ReplicaId
const id = namedUuid('orders') as PipelineId
const stepId = namedUuid('step')
const path = `/api/pipelines/${id}`

describe('a pipeline over HTTP', function () {
  this.timeout(60_000)
  let server: TestServer
  let log: PostgresLog
  let ada: Caller & { teamId: string }
  let viewer: Caller
  let events: PipelineEvent[]

  before(async () => {
    server = await startTestServer()
    ada = await server.signUp(undefined, 'Ada')
    viewer = await server.member(ada, 'viewer')
    log = await createPostgresLog({ databaseUrl: server.databaseUrl, now: Date.now })
    const own = { pipelineId: id, replicaId: laptop, actorId: ada.userId as ActorId }
    const created = { name: 'Orders', teamId: ada.teamId as TeamId, graphRule: 'acyclic' }
    const step = { stepId, kind: 'http', name: 'Fetch', placement: { x: 1, y: 2 }, config: {} }
    events = [
      pipelineEvent({ ...own, seq: 1, type: 'PipelineCreated', payload: created }),
      pipelineEvent({ ...own, seq: 2, type: 'StepAdded', payload: step }),
      ...pipelineEvents(18, { ...own, seq: 3, payload: { stepId, placement: { x: 9, y: 9 } } }),
    ]
    await append(events, 0)
  })
  after(async () => {
    await log?.close()
    await server?.stop()
  })

  async function append(more: readonly PipelineEvent[], expected: number): Promise<void> {
    const result = await log.append({
      streamId: pipelineStream(id),
      expectedRevision: expected as Revision,
      events: more,
    })
    expect(result.ok).to.equal(true)
  }
  const get = (rest: string, { token }: Caller = viewer) => server.get(`${path}${rest}`, token)
  const viewAfter = (count: number) =>
    JSON.parse(JSON.stringify(viewOf(evolveAll(initialState(id), events.slice(0, count)))))

  it('is shown as it is now, and as it was at a revision, a time, and a clock', async () => {
    const now = await get('/state')
    expect(now.status).to.equal(200)
    expect(now.headers.get('cache-control')).to.equal('no-store')
    expect(now.body).to.deep.equal({ ...viewAfter(20), revision: 20 })
    expect((await get('/state?revision=2')).body).to.deep.equal({ ...viewAfter(2), revision: 2 })
    const { recordedAt } = (await get('/events?limit=1')).body.events[0]
    expect((await get(`/state?time=${recordedAt}`)).body.revision).to.equal(20)
    expect((await get('/state?time=2999-12-31')).body.revision).to.equal(20)
    const clock = encodeURIComponent(JSON.stringify({ [laptop]: 5 }))
    expect((await get(`/state?clock=${clock}`)).body).to.deep.equal({
      ...viewAfter(5),
      revision: 5,
    })
  })

  it('never was at other moments', async () => {
    const nobody = encodeURIComponent('{"nobody000000":1}')
    for (const query of [
      'revision=0',
      'revision=21',
      'revision=999999999999999',
      'time=2001-01-01T00:00:00Z',
      `clock=${encodeURIComponent(JSON.stringify({ [laptop]: 21 }))}`,
      `clock=${nobody}`,
      'clock={}',
    ]) {
      expectProblem(await get(`/state?${query}`), 422, 'out-of-range')
    }
  })

  it('takes no other way of naming a moment', async () => {
    for (const query of [
      'revision=two',
      'revision=-1',
      'revision=1.5',
      'revision=1&revision=2',
      'revision=99999999999999999999',
      'time=yesterday',
      'time=2026-13-01',
      'clock=1',
      'clock={',
      'clock={"laptop":1}',
      `clock=${encodeURIComponent(JSON.stringify({ [laptop]: 0 }))}`,
      'revision=1&time=2026-01-01',
      'revison=1',
    ]) {
      expectProblem(await get(`/state?${query}`), 400, 'malformed')
    }
  })

  it('gives a new replica what it starts from', async () => {
    const { body } = await get('/snapshot')
    const { hash } = await log.streamHead(pipelineStream(id))
    expect(body).to.deep.include({ revision: 20, hash, vector: { [laptop]: 20 } })
    expect(viewOf(restoreSnapshot(body.state)!)).to.deep.equal(viewAfter(20))
  })

  it('gives the editor what it asks for, in the form in which it reads it', async () => {
    const http = {
      send: async (_: string, path: string) => (await server.get(path, ada.token)).body,
    }
    const api = createPipelineApi(http)
    const snapshot = await api.snapshot(id)
    expect(viewOf(restoreSnapshot(snapshot!.state)!)).to.deep.equal(viewAfter(20))
    expect(snapshot!.revision).to.equal(20)
    const page = await api.events(id, 18 as Revision, 100)
    expect(page.map(({ event }) => event)).to.deep.equal(events.slice(18))
  })

  it('lists its events in pages', async () => {
    const list = async (query: string) => {
      const { body } = await get(`/events?${query}`)
      expect(body.head).to.equal(20)
      return body.events.map(({ revision }: { revision: number }) => revision)
    }
    expect(await list('')).to.have.length(20)
    expect(await list('limit=3')).to.deep.equal([1, 2, 3])
    expect(await list('after=18')).to.deep.equal([19, 20])
    expect(await list('before=21&limit=2')).to.deep.equal([19, 20])
    expect(await list(`type=PipelineCreated,StepAdded&actor=${ada.userId}`)).to.deep.equal([1, 2])
    expect(await list(`step=${stepId}&limit=1`)).to.deep.equal([2])
    expect(await list(`actor=${viewer.userId}`)).to.deep.equal([])
    expect(await list('to=2001-01-01')).to.deep.equal([])
    const { body } = await get('/events?limit=1')
    expect(body.events[0]).to.have.keys(
      ...['revision', 'position', 'recordedAt', 'prevHash', 'hash', 'event'],
    )
    expect(body.events[0].event).to.deep.equal(events[0])
    for (const query of ['limit=0', 'limit=1001', 'after=x', 'actor=ada', 'from=noon', 'page=2']) {
      expectProblem(await get(`/events?${query}`), 400, 'malformed')
    }
  })

  it('is proved', async () => {
    const { hash } = await log.streamHead(pipelineStream(id))
    expect((await get('/proof')).body).to.deep.equal({ verified: true, revision: 20, hash })
  })

  it('does not exist for strangers, in the same words as one that does not', async () => {
    const stranger = await server.member(ada, 'viewer')
    await server.call('DELETE', `/api/teams/${ada.teamId}/members/${stranger.userId}`, {
      token: stranger.token,
    })
    for (const rest of ['/state', '/state?revision=x', '/snapshot', '/events', '/proof']) {
      const [closed, missing] = [
        await get(rest, stranger),
        await server.get(`/api/pipelines/${namedUuid('nowhere')}${rest}`, stranger.token),
      ]
      expectProblem(closed, 404, 'not-found')
      expect(closed.body.detail).to.equal(missing.body.detail)
      expectProblem(await server.get(`${path}${rest}`), 401, 'unauthenticated')
    }
    for (const odd of ['x', `${id}%00`, '..%2f..', id.toUpperCase()]) {
      const answer = await server.get(`/api/pipelines/${odd}/state`, ada.token)
      expectProblem(answer, 404, 'not-found')
    }
    expectProblem(await server.get('/api/pipelines/%ff/state', ada.token), 400, 'malformed')
  })

  it('shows what another node has just stored', async () => {
    const more = pipelineEvent({
      ...{ pipelineId: id, replicaId: laptop, actorId: ada.userId as ActorId, seq: 21 },
      ...{ type: 'StepRenamed', payload: { stepId, name: 'Load' } },
    })
    await append([more], 20)
    const { body } = await get('/state')
    expect(body.revision).to.equal(21)
    expect(body.steps[0].name).to.equal('Load')
  })
})
