import { expect } from 'chai'
import { limits } from '../../../domain/limits.ts'
import { namedUuid } from '../../support/events.ts'
import { expectProblem } from './expect-problem.ts'
import { startTestServer, type Caller, type TestServer } from './test-server.ts'

interface Node {
  name: string
  parameters?: object
}

/** An n8n workflow whose nodes are connected one after the other. */
function workflow(count: number, parameters: (index: number) => object = () => ({})): string {
  const nodes = Array.from({ length: count }, (_, index) => ({
    id: namedUuid('node', index),
    name: `Step ${index}`,
    type: 'n8n-nodes-base.set',
    typeVersion: 1,
    position: [200 * index, 100],
    parameters: parameters(index),
  }))
  const links = nodes.slice(1).map((to, index): [string, object] => {
    const main = [[{ node: to.name, type: 'main', index: 0 }]]
    return [(nodes[index] as Node).name, { main }]
  })
  return JSON.stringify({ name: 'Orders', nodes, connections: Object.fromEntries(links) })
}

describe('an import', function () {
  this.timeout(120_000)
  let server: TestServer
  let ada: Caller & { teamId: string }
  before(async () => {
    server = await startTestServer()
    ada = await server.signUp(undefined, 'Ada')
  })
  after(() => server?.stop())

  const send = (body: object, { key, by = ada }: { key?: string; by?: Caller } = {}) =>
    server.call('POST', '/api/pipelines/import', {
      token: by.token,
      body: { teamId: ada.teamId, ...body },
      headers: key === undefined ? {} : { 'idempotency-key': key },
    })
  const stateOf = async (pipelineId: string) =>
    (await server.get(`/api/pipelines/${pipelineId}/state`, ada.token)).body
  const eventsOf = async (pipelineId: string) =>
    (await server.get(`/api/pipelines/${pipelineId}/events?limit=1000`, ada.token)).body.events

  it('makes a pipeline, and reports what came of the file', async () => {
    const { status, body } = await send({ content: workflow(3), name: 'Mine' })
    expect(status).to.equal(201)
    expect(body.report).to.deep.include({ steps: 3, connections: 2, notes: 0, cycles: 0 })
    const state = await stateOf(body.pipelineId)
    expect(state.pipeline).to.include({ name: 'Mine', teamId: ada.teamId, status: 'active' })
    expect(state.steps).to.have.length(3)
    expect(state.connections.map(({ status: of }: { status: string }) => of)).to.deep.equal([
      'active',
      'active',
    ])
  })

  it('makes events in the name of the caller, of one fresh replica and one gesture', async () => {
    const { body } = await send({ content: workflow(2), format: 'n8n' })
    const events = (await eventsOf(body.pipelineId)).map(({ event }: { event: object }) => event)
    const of = (field: string) =>
      new Set(events.map((event: Record<string, unknown>) => event[field]))
    expect([...of('actorId')]).to.deep.equal([ada.userId])
    expect([of('replicaId').size, of('intentId').size, of('id').size]).to.deep.equal([
      1,
      1,
      events.length,
    ])
    const again = await send({ content: workflow(2) })
    expect(again.body.pipelineId).not.to.equal(body.pipelineId)
  })

  it('sent again with its key gives the same pipeline and the same answer', async () => {
    const asked = { content: workflow(250) }
    const first = await send(asked, { key: 'a-key' })
    const [again, atOnce] = await Promise.all([
      send(asked, { key: 'a-key' }),
      send(asked, { key: 'a-key' }),
    ])
    expect(first.status).to.equal(201)
    expect([again.body, atOnce.body]).to.deep.equal([first.body, first.body])
    expect(await eventsOf(first.body.pipelineId)).to.have.length(1 + 250 + 249)
  })

  it('sent twice at once with a new key is made once', async () => {
    const asked = { content: workflow(120) }
    const answers = await Promise.all([1, 2, 3].map(() => send(asked, { key: 'at-once' })))
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201])
    expect(new Set(answers.map(({ body }) => body.pipelineId)).size).to.equal(1)
    expect(await eventsOf(answers[0]!.body.pipelineId)).to.have.length(1 + 120 + 119)
  })

  it('refuses a key that came with another file, and takes it of somebody else', async () => {
    await send({ content: workflow(1) }, { key: 'taken' })
    expectProblem(await send({ content: workflow(2) }, { key: 'taken' }), 422, 'key-reused')
    const editor = await server.member(ada, 'editor')
    expect((await send({ content: workflow(2) }, { key: 'taken', by: editor })).status).to.equal(
      201,
    )
    for (const key of ['', 'x'.repeat(201), 'with space']) {
      expectProblem(await send({ content: workflow(1) }, { key }), 400, 'malformed')
    }
  })

  it('refuses texts of no format that it knows', async () => {
    for (const content of ['', 'hello', '{"nodes":', '{}', '[1]', '\u0000', 'a\ud800']) {
      expectProblem(await send({ content }), 422, 'unknown-format')
    }
    const flows = JSON.stringify([{ id: '1', type: 'tab' }])
    expectProblem(await send({ content: flows }), 422, 'no-importer')
    expectProblem(await send({ content: flows, format: 'node-red' }), 422, 'no-importer')
    expectProblem(await send({ content: workflow(1), format: 'xml' }), 400, 'malformed')
    expectProblem(await send({ content: 7 }), 400, 'malformed')
    expectProblem(await send({ content: workflow(1), name: 'a\u0000' }), 400, 'malformed')
  })

  it('takes a file of 5 MiB, quotes and line breaks and all, and none that is larger', async () => {
    const filler = '"quoted"\n'.repeat(2_000)
    const count = Math.floor((limits.importBytes * 0.9) / JSON.stringify(filler).length)
    const content = workflow(count, () => ({ text: filler }))
    const padding = ' '.repeat(limits.importBytes - Buffer.byteLength(content))
    const { status, body, text } = await send({ content: `${content}${padding}` })
    expect(status, text.slice(0, 200)).to.equal(201)
    expect(body.report.steps).to.equal(count)
    expectProblem(await send({ content: `${content}${padding} ` }), 413, 'too-large')
    const huge = { content: 'x'.repeat(3 * limits.importBytes) }
    expectProblem(await send(huge), 413, 'too-large')
  })

  it('is for editors of the team', async () => {
    const viewer = await server.member(ada, 'viewer')
    expectProblem(await send({ content: workflow(1) }, { by: viewer }), 403, 'forbidden')
    const nowhere = { content: workflow(1), teamId: namedUuid('nowhere') }
    expectProblem(await send(nowhere), 404, 'not-found')
    expectProblem(await send({ content: workflow(1), teamId: 'team' }), 400, 'malformed')
    const anonymous = await server.call('POST', '/api/pipelines/import', { body: {} })
    expectProblem(anonymous, 401, 'unauthenticated')
  })
})
