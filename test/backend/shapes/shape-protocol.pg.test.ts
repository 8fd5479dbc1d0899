import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { projectionDatabase } from '../../projections/postgres/projection-database.ts'
import { FollowedShape } from './followed-shape.ts'
import { insertPipelines, startShapeServer, type ShapeTestServer } from './shape-test-server.ts'
import { pipelineId, teamId, userId } from './test-teams.ts'

const START = { table: 'pipelines', offset: '-1' }

let server: ShapeTestServer

function withServer(options?: Parameters<typeof startShapeServer>[0]) {
  beforeEach(async () => void (server = await startShapeServer(options)))
  afterEach(async () => {
    const { errors } = server
    await server.stop()
    expect(errors).to.deep.equal([])
  })
}

/** The handle and the offset from which a caller goes on who has fetched everything. */
async function fetched(params: Record<string, string> = {}) {
  const shape = await new FollowedShape(server, { table: 'pipelines', ...params }).catchUp()
  return { table: 'pipelines', ...params, handle: shape.handle!, offset: shape.offset }
}

const operations = (body: { headers: { operation?: string; control?: string } }[]) =>
  body.map(({ headers }) => headers.operation ?? headers.control)

/** Waits until so many requests wait for news. */
async function waiting(count: number): Promise<void> {
  while (server.shapes().figures().waiting !== count) await delay(5)
}

describe('the first request for a shape', function () {
  this.timeout(30_000)
  withServer()

  it('is answered with the rows and the end of the snapshot, and is not up to date', async () => {
    await server.sql(insertPipelines([1]))
    const { status, headers, body } = await server.ask({
      ...START,
      columns: '"id","name","revision"',
    })
    expect(status).to.equal(200)
    expect(body[0]).to.deep.equal({
      key: `"public"."pipelines"/"${pipelineId(1)}"`,
      value: { id: pipelineId(1), name: 'p1', revision: '1' },
      headers: { operation: 'insert', relation: ['public', 'pipelines'] },
    })
    expect(body[1].headers).to.have.keys('control', 'xmin', 'xmax', 'xip_list')
    expect(body[1].headers.control).to.equal('snapshot-end')
    expect(body).to.have.length(2)

    const handle = headers.get('electric-handle')
    expect(Object.fromEntries(headers)).to.deep.include({
      'content-type': 'application/json; charset=utf-8',
      'electric-offset': '0_0',
      'electric-has-data': 'true',
      'cache-control': 'private, no-cache',
      vary: 'Authorization, Origin',
      etag: `"${handle}:-1:0_0"`,
    })
    expect(headers.has('electric-up-to-date')).to.be.false
    expect(headers.has('electric-cursor')).to.be.false
    expect(JSON.parse(headers.get('electric-schema')!)).to.deep.equal({
      id: { type: 'uuid', not_null: true, pk_index: 0 },
      name: { type: 'text', not_null: true },
      revision: { type: 'int4', not_null: true },
    })
  })

  it('leads to an answer that is up to date, with the feed as its measure', async () => {
    await server.sql(insertPipelines([1]))
    const shape = new FollowedShape(server, { table: 'pipelines' })
    await shape.fetch({})
    let answer = await shape.fetch({})
    // The feed may come to a commit later than the snapshot that shows it.
    while (shape.lastSeen < 1) answer = await shape.fetch({})
    const { headers, body } = answer
    expect(body).to.deep.equal([{ headers: { control: 'up-to-date', global_last_seen_lsn: '1' } }])
    expect(headers.get('electric-offset')).to.equal('0_inf')
    expect(headers.get('electric-up-to-date')).to.equal('')
    expect(headers.get('electric-has-data')).to.equal('false')
    expect(headers.has('electric-schema')).to.be.true
  })

  it('prints values as the changes do, whatever the database is set to', async () => {
    await server.sql(`DO $$ BEGIN EXECUTE format(
      'ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database());
      EXECUTE format('ALTER DATABASE %I SET DateStyle = ''German''', current_database()); END $$`)
    await server.sql(`INSERT INTO public.steps VALUES ('${pipelineId(1)}', '${pipelineId(2)}',
      '${teamId(1)}', 'http', 'a', 0.1, -1e300, '{"b": [1, null]}', true, null,
      '2026-11-12 14:06:00.120+02', '${userId(1)}')`)
    // Whose connections have the settings of above.
    await server.restart()
    const value = {
      ...{ x: '0.1', y: '-1e+300', config: '{"b": [1, null]}', enabled: 't', foreign: null },
      updated_at: '2026-11-12 12:06:00.12+00',
    }
    const { body } = await server.ask({ table: 'steps', offset: '-1' })
    expect(body[0].value).to.deep.include(value)
    const live = await fetched({ table: 'steps' })
    await server.sql(`UPDATE public.steps SET pipeline_id = '${pipelineId(9)}'`)
    const changes = (await server.ask({ ...live, live: 'true' })).body
    expect(operations(changes)).to.have.members(['delete', 'insert', 'up-to-date'])
    const inserted = changes.find((one: { value?: { x?: string } }) => one.value?.x !== undefined)
    expect(inserted.value).to.deep.include(value)
  })

  it('is joined by a transaction that was open meanwhile, once it commits', async () => {
    const open = await server.database.pool.connect()
    await open.query('BEGIN')
    await open.query(insertPipelines([1]))
    const shape = await new FollowedShape(server, { table: 'pipelines' }).catchUp()
    await server.sql(insertPipelines([2]))
    await shape.nextNews()
    expect([...shape.rows.values()].map(({ name }) => name)).to.deep.equal(['p2'])
    await open.query('COMMIT')
    open.release()
    await shape.nextNews()
    expect([...shape.rows.values()].map(({ name }) => name)).to.deep.equal(['p2', 'p1'])
  })

  it('may ask for what comes alone', async () => {
    await server.sql(insertPipelines([1]))
    const { headers, body } = await server.ask({ table: 'pipelines', offset: 'now' })
    expect(operations(body)).to.deep.equal(['up-to-date'])
    expect(headers.get('electric-offset')).to.equal('0_inf')
    const place = { table: 'pipelines', offset: '0_inf', handle: headers.get('electric-handle')! }
    await server.sql(insertPipelines([2]))
    const next = await server.ask({ ...place, live: 'true' })
    expect(next.body[0].value.name).to.equal('p2')
  })

  it('may ask for changes without the rows that are there', async () => {
    await server.sql(insertPipelines([1]))
    const { body } = await server.ask({ ...START, log: 'changes_only' })
    expect(operations(body)).to.deep.equal(['snapshot-end'])
    const place = await fetched({ log: 'changes_only' })
    await server.sql(`UPDATE public.pipelines SET name = 'new'`)
    const next = await server.ask({ ...place, live: 'true' })
    expect(next.body[0].value).to.deep.equal({ id: pipelineId(1), name: 'new' })
  })
})

describe('a shape that is followed', function () {
  this.timeout(30_000)
  withServer()

  it('catches up with what was written meanwhile, by changes alone', async () => {
    await server.sql(insertPipelines([1, 2]))
    const shape = await new FollowedShape(server, { table: 'pipelines' }).catchUp()
    await server.sql(`UPDATE public.pipelines SET name = 'x' WHERE id = '${pipelineId(1)}'`)
    await server.sql(`DELETE FROM public.pipelines WHERE id = '${pipelineId(2)}'`)
    while (server.shapes().figures().completedCommit < 3) await delay(5)
    const { body, headers } = await shape.fetch({})
    expect(operations(body)).to.deep.equal(['update', 'delete', 'up-to-date'])
    expect(body[0].value).to.deep.equal({ id: pipelineId(1), name: 'x' })
    expect(headers.get('electric-offset')).to.equal('3_1')
    expect(body[2].headers.global_last_seen_lsn).to.equal('3')
    expect([...shape.rows.values()].map(({ name }) => name)).to.deep.equal(['x'])
  })

  it('wakes a waiting request with the first change, and gives it a new cursor', async () => {
    const place = await fetched()
    const answer = server.ask({ ...place, live: 'true', cursor: '' })
    await waiting(1)
    await server.sql(insertPipelines([1]))
    const { headers, body } = await answer
    expect(operations(body)).to.deep.equal(['insert', 'up-to-date'])
    expect(headers.has('electric-schema')).to.be.false
    const cursor = headers.get('electric-cursor')!
    const again = await server.ask({ ...place, live: 'true', cursor })
    expect(Number(again.headers.get('electric-cursor'))).to.be.greaterThan(Number(cursor))
  })

  it('sends only what a clause selects, and rows that move in and out of it', async () => {
    const where = { where: 'step_count > $1 AND name LIKE $2', 'params[1]': '5', 'params[2]': 'p%' }
    await server.sql(insertPipelines([1, 2]))
    await server.sql(`UPDATE public.pipelines SET step_count = 6 WHERE name = 'p1'`)
    const shape = await new FollowedShape(server, { table: 'pipelines', ...where }).catchUp()
    const names = () => [...shape.rows.values()].map(({ name }) => name)
    expect(names()).to.deep.equal(['p1'])
    await server.sql(`UPDATE public.pipelines SET step_count = 7 WHERE name = 'p2'`)
    expect([...(await shape.nextNews()).rows.values()][1]).to.include({
      name: 'p2',
      step_count: '7',
    })
    await server.sql(`UPDATE public.pipelines SET name = 'q' WHERE name = 'p1'`)
    await shape.nextNews()
    expect(names()).to.deep.equal(['p2'])
  })

  it('is the same for the same rows, under a handle of each caller', async () => {
    server.teams.join(userId(2), teamId(1))
    const mine = await server.ask(START)
    const theirs = await server.ask(START, { as: userId(2) })
    expect(server.shapes().figures().shapes).to.equal(1)
    const handle = mine.headers.get('electric-handle')!
    expect(theirs.headers.get('electric-handle')).not.to.equal(handle)
    const taken = await server.ask({ table: 'pipelines', offset: '0_0', handle }, { as: userId(2) })
    expect(taken.status).to.equal(409)
  })

  it('is answered with 304 where the caller has kept the answer', async () => {
    const first = await server.ask(START)
    const etag = first.headers.get('etag')!
    const kept = await server.ask(START, { headers: { 'if-none-match': `"x", W/${etag}` } })
    expect([kept.status, kept.body]).to.deep.equal([304, null])
    expect(kept.headers.get('electric-handle')).to.equal(first.headers.get('electric-handle'))
    const stranger = { as: userId(2), headers: { 'if-none-match': etag } }
    expect((await server.ask(START, stranger)).status).to.equal(200)
  })

  it('never takes an answer without changes for one that was kept', async () => {
    const place = await fetched()
    const ask = () => server.ask(place)
    const etag = (await ask()).headers.get('etag')!
    expect((await server.ask(place, { headers: { 'if-none-match': etag } })).status).to.equal(200)
  })

  it('is told to a HEAD request without the rows', async () => {
    await server.sql(insertPipelines([1]))
    const { status, headers, body } = await server.ask(START, { method: 'HEAD' })
    expect([status, body]).to.deep.equal([200, null])
    expect(headers.get('electric-offset')).to.equal('0_0')
  })
})

describe('a large shape', function () {
  this.timeout(30_000)
  withServer({ limits: { chunkBytes: 2_000 }, maxShapeSize: 20_000 })

  it('comes in chunks, of the snapshot and of the log, and nothing is missing', async () => {
    await server.sql(insertPipelines([1, 2, 3, 4, 5, 6, 7, 8, 9]))
    const shape = new FollowedShape(server, { table: 'pipelines' })
    const offsets: string[] = []
    const step = async () => offsets.push((await shape.fetch({})).headers.get('electric-offset')!)
    while (offsets.at(-1) !== '0_inf') await step()
    expect(offsets).to.deep.equal(['0_0', '0_1', '0_2', '0_inf'])
    for (const n of [1, 2, 3, 4, 5, 6]) {
      await server.sql(`UPDATE public.pipelines SET name = 'n${n}'`)
    }
    while (server.shapes().figures().completedCommit < 7) await delay(5)
    const before = offsets.length
    while (offsets.at(-1) !== '7_9') await step()
    expect(offsets.length - before).to.be.greaterThan(5)
    expect([...shape.rows.values()].map(({ name }) => name)).to.deep.equal(Array(9).fill('n6'))
    expect(shape.refetches).to.equal(0)
  })

  it('is refused where it is larger than one may be, and says what to do', async () => {
    await server.sql(insertPipelines(Array.from({ length: 50 }, (_, n) => n)))
    const { status, body } = await server.ask(START)
    expect(status).to.equal(413)
    expect(body.code).to.equal('too-large')
    expect(body.message).to.match(/20000 bytes.*where or columns.*MAX_SHAPE_SIZE/)
    expect((await server.ask({ ...START, columns: 'id' })).status).to.equal(200)
  })

  it('starts again when its log has grown as large as that', async () => {
    await server.sql(insertPipelines([1]))
    const shape = await new FollowedShape(server, { table: 'pipelines' }).catchUp()
    for (const n of [1, 2, 3, 4, 5, 6, 7]) {
      await server.sql(`UPDATE public.pipelines SET description = repeat('${n}', 3000)`)
    }
    while (server.shapes().figures().completedCommit < 8) await delay(5)
    await shape.catchUp()
    expect(shape.refetches).to.equal(1)
    expect([...shape.rows.values()][0]!['description']).to.equal('7'.repeat(3_000))
  })
})

describe('a handle', function () {
  this.timeout(30_000)
  withServer({ limits: { minIdleMs: 300, sweepEveryMs: 20 }, shapeCacheTtl: 0 })

  it('ends with the membership: who waits is told at once, and it never holds again', async () => {
    await server.sql(insertPipelines([1]))
    const place = await fetched()
    const live = server.ask({ ...place, live: 'true' })
    await waiting(1)
    server.teams.leave(userId(1), teamId(1))
    // Long before it would have been told that there is no news.
    const answer = await live
    expect(answer.status).to.equal(409)
    expect(answer.body).to.deep.equal([{ headers: { control: 'must-refetch' } }])
    const fresh = answer.headers.get('electric-handle')
    expect(fresh).to.be.a('string').not.equal(place.handle)
    expect((await server.ask(place)).status).to.equal(409)
    expect(operations((await server.ask(START)).body)).to.deep.equal(['snapshot-end'])

    server.teams.join(userId(1), teamId(1))
    expect((await server.ask(place)).status).to.equal(409)
    const back = await server.ask(START)
    expect(operations(back.body)).to.deep.equal(['insert', 'snapshot-end'])
    expect(back.headers.get('electric-handle')).not.to.be.oneOf([place.handle, fresh])
  })

  it('ends with its table: truncated, or altered while it is followed', async () => {
    const truncated = await fetched()
    const live = server.ask({ ...truncated, live: 'true' })
    await waiting(1)
    await server.sql('TRUNCATE public.pipelines')
    expect((await live).status).to.equal(409)

    const altered = new FollowedShape(server, { table: 'pipelines' })
    await altered.catchUp()
    await server.sql(`ALTER TABLE public.pipelines ADD COLUMN extra text DEFAULT 'e'`)
    await server.sql(`${insertPipelines([1])}`)
    while (server.shapes().figures().completedCommit < 2) await delay(5)
    await altered.catchUp()
    expect(altered.refetches).to.equal(1)
    expect([...altered.rows.values()][0]).to.include({ name: 'p1', extra: 'e' })
  })

  it('ends when nobody has used it for a while, and is not used for another shape', async () => {
    const place = await fetched()
    const used = server.ask({ ...place, live: 'true' })
    await waiting(1)
    await delay(500)
    expect(server.shapes().figures().shapes, 'while somebody waits').to.equal(1)
    await server.sql(insertPipelines([1]))
    await used
    while (server.shapes().figures().shapes > 0) await delay(20)
    const { status, headers } = await server.ask(place)
    expect(status).to.equal(409)
    expect(headers.get('electric-handle')).not.to.equal(place.handle)
  })

  it('holds for its own shape alone', async () => {
    const place = await fetched()
    const other = await server.ask({ ...place, where: 'revision > 0' })
    expect(other.status).to.equal(409)
    expect((await server.ask(place)).status).to.equal(200)
    const made = { ...START, where: 'revision > 0', handle: place.handle }
    const answer = await server.ask(made)
    expect(answer.headers.get('electric-handle')).to.equal(other.headers.get('electric-handle'))
  })

  it('does not survive the server', async () => {
    const place = await fetched()
    await server.restart()
    const { status, headers } = await server.ask(place)
    expect(status).to.equal(409)
    expect(headers.get('electric-handle')).not.to.equal(place.handle)
  })
})

describe('a request that cannot be answered', function () {
  this.timeout(30_000)
  withServer({ limits: { longPollMs: 300, waitingRequests: 1 } })

  it('is refused without a token of somebody who is signed in', async () => {
    for (const authorization of ['', 'Bearer nonsense', 'Basic eDp5']) {
      const { status, headers, body } = await server.ask(START, { headers: { authorization } })
      expect(status).to.equal(401)
      expect(headers.get('www-authenticate')).to.equal('Bearer')
      expect(body).to.include({ code: 'unauthenticated' }).and.property('message')
    }
  })

  it('is not answered any more to who has signed out while waiting', async () => {
    const place = await fetched()
    const live = server.ask({ ...place, live: 'true' })
    await waiting(1)
    server.authenticator.signedOut.add(userId(1))
    await server.sql(insertPipelines([1]))
    expect((await live).status).to.equal(401)
  })

  it('says what is wrong with which parameter', async () => {
    const errors = async (params: Record<string, string>) => {
      const { status, body, headers } = await server.ask({ ...START, ...params })
      expect([status, body.message]).to.deep.equal([400, 'Invalid request'])
      expect(headers.get('cache-control')).to.equal('no-store')
      return body.errors
    }
    expect(await errors({ table: 'Pipeline' })).to.deep.equal({
      table: [
        'Table "public"."pipeline" does not exist. If the table name contains capitals or special ' +
          'characters you must quote it.',
      ],
    })
    expect(await errors({ columns: 'name,nothing' })).to.deep.equal({
      columns: [
        'The following columns are not found on the table: nothing',
        'The list of columns must include all primary key columns, missing: id',
      ],
    })
    expect(await errors({ where: '1 x 1' })).to.deep.equal({
      where: ['At location 17: syntax error at or near "x"'],
    })
    const { handle } = await fetched()
    expect(await errors({ offset: '99_1', handle })).to.deep.equal({
      offset: ['out of bounds for this shape'],
    })
  })

  it('goes on from a commit that changed other tables alone', async () => {
    const { handle } = await fetched()
    await server.sql(`INSERT INTO public.teams VALUES ('${teamId(1)}', '${teamId(1)}', 'One')`)
    while (server.shapes().figures().completedCommit < 1) await delay(5)
    const { status, body } = await server.ask({ table: 'pipelines', offset: '1_0', handle })
    expect([status, operations(body)]).to.deep.equal([200, ['up-to-date']])
  })

  it('ends without news as up to date, and is refused where too many wait', async () => {
    const place = await fetched()
    const live = server.ask({ ...place, live: 'true' })
    await waiting(1)
    const refused = await server.ask({ ...place, live: 'true' })
    expect(refused.status).to.equal(503)
    expect(refused.headers.get('retry-after')).to.equal('5')
    expect(refused.body.code).to.equal('concurrent_request_limit_exceeded')
    const { body, headers } = await live
    expect(operations(body)).to.deep.equal(['up-to-date'])
    expect(headers.get('electric-has-data')).to.equal('false')
    expect(headers.get('electric-cursor')).to.match(/^\d+$/)
  })

  it('is no longer waited for when its caller has gone', async () => {
    const place = await fetched()
    const leaving = new AbortController()
    const live = server.ask({ ...place, live: 'true' }, { signal: leaving.signal })
    await waiting(1)
    leaving.abort()
    await live.catch(() => undefined)
    await waiting(0)
  })

  it('has to be one of the methods that there are', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const { status, headers, body } = await server.ask(START, { method })
      expect([status, headers.get('allow')]).to.deep.equal([405, 'GET, HEAD, OPTIONS'])
      expect(body.code).to.equal('method-not-allowed')
    }
  })
})

describe('a page of another origin', function () {
  this.timeout(30_000)

  describe('where people sign in', () => {
    withServer()

    it('may ask with a token, and reads every header of the protocol', async () => {
      const origin = 'https://elsewhere.example'
      const preflight = await fetch(server.url, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-headers': 'authorization' },
      })
      expect(preflight.status).to.equal(204)
      expect(Object.fromEntries(preflight.headers)).to.deep.include({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, HEAD, OPTIONS',
        'access-control-max-age': '86400',
      })
      expect(preflight.headers.get('access-control-allow-headers')).to.include('authorization')

      const { headers } = await server.ask(START, { headers: { origin } })
      const exposed = headers.get('access-control-expose-headers')!.split(',')
      const sent = [...headers.keys()].filter((name) => name.startsWith('electric-'))
      expect(exposed).to.include.members([...sent, 'electric-cursor', 'etag', 'retry-after'])
      const refused = await server.ask(START, { headers: { origin, authorization: '' } })
      expect(refused.headers.get('access-control-allow-origin')).to.equal(origin)
    })
  })

  describe('where nobody signs in', () => {
    withServer({ authMode: 'insecure' })

    it('may not read the answers, unless it is of this machine', async () => {
      const allowed = async (origin: string) =>
        (await server.ask(START, { headers: { origin } })).headers.get(
          'access-control-allow-origin',
        )
      expect(await allowed('https://elsewhere.example')).to.equal(null)
      expect(await allowed('http://localhost.elsewhere.example')).to.equal(null)
      expect(await allowed('null')).to.equal(null)
      expect(await allowed('http://localhost:5173')).to.equal('http://localhost:5173')
    })
  })
})

describe('a server that stops', function () {
  this.timeout(30_000)
  withServer()

  it('ends waiting requests at once, and refuses what comes', async () => {
    const place = await fetched()
    const live = server.ask({ ...place, live: 'true' })
    await waiting(1)
    await server.shapes().stop()
    const { status, headers, body } = await live
    expect([status, body.code]).to.deep.equal([503, 'stopping'])
    expect(headers.get('connection')).to.equal('close')
    expect(headers.get('retry-after')).to.equal('1')
    expect((await server.ask(START)).status).to.equal(503)
  })
})

describe('a database that does not answer', function () {
  this.timeout(30_000)

  it('is told as such, without a word of where it is, to come back later', async () => {
    const database = await projectionDatabase()
    const gone = await startShapeServer({ database })
    try {
      await database.drop()
      const { status, headers, body } = await gone.ask(START)
      expect(status).to.equal(503)
      expect(headers.get('retry-after')).to.equal('2')
      expect(body).to.deep.equal({
        message: 'The tables cannot be read right now. Try again in a moment.',
        code: 'database_unreachable',
      })
      expect(gone.errors.length).to.be.greaterThan(0)
    } finally {
      await gone.stop()
    }
  })
})
