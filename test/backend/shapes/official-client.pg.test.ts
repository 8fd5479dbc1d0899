import { setTimeout as delay } from 'node:timers/promises'
import {
  type ExternalParamsRecord,
  FetchError,
  Shape,
  ShapeStream,
  type Message,
  type Row,
} from '@electric-sql/client'
import { expect } from 'chai'
import {
  insertPipelines,
  startShapeServer,
  tokenOf,
  type ShapeTestServer,
} from './shape-test-server.ts'
import { pipelineId, teamId, userId } from './test-teams.ts'
import { unholdLongTimers } from './unheld-timers.ts'

/** The official client, following a table as a program would. */
class Follower {
  readonly stopping = new AbortController()
  readonly messages: Message[] = []
  readonly requests: URL[] = []
  readonly errors: Error[] = []
  private readonly shape: Shape<Row>

  constructor(server: ShapeTestServer, params: Record<string, unknown>, user = userId(1)) {
    const stream = new ShapeStream<Row>({
      url: server.url,
      params: params as ExternalParamsRecord,
      headers: { authorization: () => `Bearer ${tokenOf(user)}` },
      signal: this.stopping.signal,
      backoffOptions: { initialDelay: 20, maxDelay: 100, multiplier: 2 },
      fetchClient: (...request) => {
        this.requests.push(new URL(String(request[0])))
        return fetch(...request)
      },
      onError: (error) => void this.errors.push(error),
    })
    stream.subscribe((messages) => void this.messages.push(...messages))
    // Its own types do not agree under exactOptionalPropertyTypes.
    this.shape = new Shape<Row>(stream as ConstructorParameters<typeof Shape<Row>>[0])
  }

  /** The rows, once they are as wanted. */
  async rowsWhen(isWanted: (rows: Row[]) => boolean): Promise<Row[]> {
    for (;;) {
      const rows = this.shape.currentRows
      if (this.shape.lastSyncedAt() !== undefined && isWanted(rows)) return rows
      await delay(5)
    }
  }

  async names(...wanted: string[]): Promise<void> {
    const isWanted = (rows: Row[]) => String(namesOf(rows)) === String(wanted)
    await this.rowsWhen(isWanted)
  }

  count(control: string): number {
    return this.messages.filter(({ headers }) => headers['control'] === control).length
  }
}

const namesOf = (rows: Row[]) => rows.map(({ name }) => String(name)).sort()

describe('the official client, as it is', function () {
  this.timeout(30_000)
  unholdLongTimers()
  let server: ShapeTestServer
  let followers: Follower[]

  function follow(params: Record<string, unknown>, user = userId(1)): Follower {
    const follower = new Follower(server, params, user)
    followers.push(follower)
    return follower
  }

  beforeEach(async () => {
    followers = []
    server = await startShapeServer({ limits: { chunkBytes: 1_000 } })
  })
  afterEach(async () => {
    for (const { stopping } of followers) stopping.abort()
    await server.stop()
    expect(followers.flatMap(({ errors }) => errors)).to.deep.equal([])
    expect(server.errors).to.deep.equal([])
  })

  it("follows the rows of its caller's teams: snapshot, changes, and no others'", async () => {
    server.teams.join(userId(2), teamId(2))
    await server.sql(insertPipelines([1, 2, 3]))
    await server.sql(insertPipelines([8, 9], teamId(2)))
    const mine = follow({ table: 'pipelines' })
    const theirs = follow({ table: 'pipelines' }, userId(2))
    await mine.names('p1', 'p2', 'p3')
    await theirs.names('p8', 'p9')

    await server.sql(insertPipelines([4]))
    await server.sql(`UPDATE public.pipelines SET name = 'x' WHERE id = '${pipelineId(2)}'`)
    await server.sql(`DELETE FROM public.pipelines WHERE name IN ('p3', 'p8')`)
    await mine.names('p1', 'p4', 'x')
    await theirs.names('p9')
    await server.sql(
      `UPDATE public.pipelines SET team_id = '${teamId(2)}' WHERE id = '${pipelineId(1)}'`,
    )
    await mine.names('p4', 'x')
    await theirs.names('p1', 'p9')

    const seen = (follower: Follower, team: string) =>
      follower.messages.some((message) => 'value' in message && message.value['team_id'] === team)
    expect([seen(mine, teamId(2)), seen(theirs, teamId(1))]).to.deep.equal([false, false])
    expect(mine.requests.some(({ searchParams }) => searchParams.has('live'))).to.be.true
  })

  it('reads values by the types it is told', async () => {
    await server.sql(`INSERT INTO public.steps VALUES ('${pipelineId(1)}', '${pipelineId(2)}',
      '${teamId(1)}', 'http', 'a', 0.5, -2, '{"b": [1, null]}', true, null,
      '2026-11-12 14:06:00.12+00', '${userId(1)}')`)
    const steps = follow({
      table: 'steps',
      columns: ['pipeline_id', 'id', 'x', 'config', 'enabled', 'foreign'],
    })
    const [row] = await steps.rowsWhen((rows) => rows.length === 1)
    const keys = { pipeline_id: pipelineId(1), id: pipelineId(2) }
    const expected = { ...keys, x: 0.5, config: { b: [1, null] }, enabled: true, foreign: null }
    expect(row).to.deep.equal(expected)
    await server.sql(`UPDATE public.steps SET enabled = false, "foreign" = '[]', config = 'null'`)
    const changed = { ...expected, enabled: false, foreign: [], config: null }
    expect(await steps.rowsWhen(([one]) => one?.['enabled'] === false)).to.deep.equal([changed])
  })

  it('follows a clause with parameters', async () => {
    await server.sql(insertPipelines([1, 2]))
    const some = follow({
      table: 'pipelines',
      where: 'revision > $1 AND (name = $2 OR "status" ILIKE $3)',
      params: ['1', "it's", 'ACTIVE'],
      replica: 'full',
    })
    await some.names('p2')
    await server.sql(
      `UPDATE public.pipelines SET revision = 5, status = 'archived', name = 'it''s'`,
    )
    await some.names("it's", "it's")
  })

  it('starts again with what its caller may see when a membership changes', async () => {
    await server.sql(insertPipelines([1]))
    await server.sql(insertPipelines([2], teamId(2)))
    const list = follow({ table: 'pipelines' })
    await list.names('p1')
    server.teams.join(userId(1), teamId(2))
    await list.names('p1', 'p2')
    server.teams.leave(userId(1), teamId(1))
    await list.names('p2')
    await server.sql(`UPDATE public.pipelines SET name = name || '+'`)
    await list.names('p2+')
    // And with the very teams of before, whose old handle it has given up.
    server.teams.join(userId(1), teamId(1))
    await list.names('p1+', 'p2+')
    expect(list.count('must-refetch')).to.equal(3)
  })

  it('starts again when the server does', async () => {
    await server.sql(insertPipelines([1]))
    const list = follow({ table: 'pipelines' })
    await list.names('p1')
    await server.restart()
    await server.sql(insertPipelines([2]))
    await list.names('p1', 'p2')
    expect(list.count('must-refetch')).to.equal(1)
  })

  it('starts again when the table is emptied', async () => {
    await server.sql(insertPipelines([1]))
    const list = follow({ table: 'pipelines' })
    await list.names('p1')
    await server.sql('TRUNCATE public.pipelines')
    await list.names()
    await server.sql(insertPipelines([2]))
    await list.names('p2')
    expect(list.count('must-refetch')).to.equal(1)
  })

  it('fetches a long table in chunks', async () => {
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    await server.sql(insertPipelines(numbers))
    const list = follow({ table: 'pipelines' })
    await list.names(...numbers.map((n) => `p${n}`).sort())
    expect(list.requests.length).to.be.greaterThan(15)
  })

  it('hears in words what it asked wrongly', async () => {
    const wrong = follow({ table: 'pipelines', where: 'nobody = 1' })
    while (wrong.errors.length === 0) await delay(5)
    const [error] = wrong.errors.splice(0)
    expect(error).to.be.instanceOf(FetchError)
    expect((error as FetchError).json).to.deep.include({
      errors: { where: ['At location 15: unknown reference nobody'] },
    })
  })
})
