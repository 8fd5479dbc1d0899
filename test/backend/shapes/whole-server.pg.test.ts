import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Shape, ShapeStream, type Row } from '@electric-sql/client'
import { expect } from 'chai'
import type { ViewShape } from '../../../domain/shapes/views.ts'
import { startTestServer, type Caller, type TestServer } from '../http/test-server.ts'
import { testDatabase, type TestDatabase } from '../../support/postgres.ts'
import { unholdLongTimers } from './unheld-timers.ts'

const WORKFLOW = JSON.stringify({
  name: 'Orders',
  nodes: ['Fetch', 'Store'].map((name, n) => ({
    id: `node-${n}`,
    name,
    type: 'n8n-nodes-base.set',
    typeVersion: 1,
    position: [200 * n, 100],
    parameters: {},
  })),
  connections: { Fetch: { main: [[{ node: 'Store', type: 'main', index: 0 }]] } },
})

describe('a whole server whose tables are followed', function () {
  this.timeout(60_000)
  unholdLongTimers()
  let database: TestDatabase
  let server: TestServer
  let ada: Caller & { teamId: string }
  let pipelineId: string
  const following = new AbortController()

  before(async () => {
    setMaxListeners(0, following.signal)
    database = await testDatabase()
    server = await startTestServer({ databaseUrl: database.url })
    ada = await server.signUp(undefined, 'Ada')
    pipelineId = await imported('First')
  })
  after(async () => {
    following.abort()
    await server?.stop()
    await database?.drop()
  })

  async function imported(name: string): Promise<string> {
    const body = { teamId: ada.teamId, content: WORKFLOW, name }
    const answer = await server.post('/api/pipelines/import', body, ada.token)
    expect(answer.status, answer.text).to.equal(201)
    return answer.body.pipelineId
  }

  async function shapesOf(view: string, by: Caller): Promise<ViewShape[]> {
    const { status, body, text } = await server.get(`/api/shapes/${view}`, by.token)
    expect(status, text).to.equal(200)
    return body.shapes
  }

  /** Follows a shape by the official client, from its definition as the server gave it. */
  function follow({ table, columns, where, params }: ViewShape, by: Caller): Shape<Row> {
    const stream = new ShapeStream<Row>({
      url: `${server.url}/v1/shape`,
      params: { table, columns: [...columns], ...(where && { where }), ...(params && { params }) },
      headers: { authorization: `Bearer ${by.token}` },
      signal: following.signal,
    })
    // Its own types do not agree under exactOptionalPropertyTypes.
    return new Shape<Row>(stream as ConstructorParameters<typeof Shape<Row>>[0])
  }

  async function until(shape: Shape<Row>, isWanted: (rows: Row[]) => boolean): Promise<Row[]> {
    while (!isWanted(shape.currentRows)) await delay(10)
    return shape.currentRows
  }

  it('gives the list as a shape, which an import appears in', async () => {
    const [list, ...others] = await shapesOf('list', ada)
    expect(others).to.deep.equal([])
    const shape = follow(list!, ada)
    const [first] = await until(shape, (rows) => rows.length === 1)
    expect(first).to.include({ id: pipelineId, name: 'First', status: 'active', step_count: 2 })
    await imported('Second')
    await until(shape, (rows) => rows.some(({ name }) => name === 'Second'))
  })

  it('gives the workspace of a pipeline to its team, and nothing of it to a stranger', async () => {
    const path = `workspace?pipelineId=${pipelineId}`
    const shapes = await shapesOf(path, ada)
    const rows: Record<string, Row[]> = {}
    for (const definition of shapes) rows[definition.table] = await follow(definition, ada).rows
    expect(rows['pipelines']?.map(({ name }) => name)).to.deep.equal(['First'])
    expect(rows['steps']?.map(({ name }) => name)).to.have.members(['Fetch', 'Store'])
    expect(rows['connections']).to.have.length(1)
    expect(rows['users']?.map(({ name }) => name)).to.deep.equal(['Ada'])

    // Somebody whose only team is gone.
    const stranger = await server.member(ada, 'editor')
    const left = `/api/teams/${ada.teamId}/members/${stranger.userId}`
    expect((await server.call('DELETE', left, { token: ada.token })).status).to.be.below(300)
    expect((await server.get(`/api/shapes/${path}`, stranger.token)).status).to.equal(404)
    for (const definition of shapes) {
      expect(await follow(definition, stranger).rows, definition.table).to.deep.equal([])
    }
  })

  it('gives the dashboard as a shape', async () => {
    const [recent] = await shapesOf('dashboard', ada)
    expect(recent!.newest).to.deep.equal({ by: 'updated_at', count: 20 })
    const rows = await follow(recent!, ada).rows
    expect(rows.map(({ name }) => name)).to.include('First')
  })

  it('says which views there are', async () => {
    const { status, body } = await server.get('/api/shapes/everything', ada.token)
    expect(status).to.equal(404)
    expect(body.detail).to.include('list, dashboard, workspace')
    const nameless = await server.get('/api/shapes/workspace', ada.token)
    expect([nameless.status, nameless.body.field]).to.deep.equal([400, 'pipelineId'])
  })

  it('takes the rows from a member who is removed while following', async () => {
    const member = await server.member(ada, 'viewer')
    const [list] = await shapesOf('list', member)
    const shape = follow(list!, member)
    await until(shape, (rows) => rows.length > 0)
    const path = `/api/teams/${ada.teamId}/members/${member.userId}`
    await server.call('DELETE', path, { token: ada.token })
    await until(shape, (rows) => rows.length === 0)
  })

  it('does not wait for those who follow when it stops', async function () {
    // Less than a request waits for news.
    this.timeout(15_000)
    const params = { table: 'pipelines', offset: 'now' }
    const asked = (more: object) =>
      server.get(`/v1/shape?${new URLSearchParams({ ...params, ...more }).toString()}`, ada.token)
    const handle = (await asked({})).headers.get('electric-handle')!
    // One that has not arrived by then is cut off.
    const live = asked({ offset: '0_inf', handle, live: 'true' }).then(
      ({ status }) => status,
      () => 'cut off',
    )
    await delay(200)
    await server.stop()
    expect(await live).to.be.oneOf([503, 'cut off'])
  })
})
