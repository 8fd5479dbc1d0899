import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { FollowedShape, type TextRow } from './followed-shape.ts'
import { insertPipelines, startShapeServer, type ShapeTestServer } from './shape-test-server.ts'
import { pipelineId, teamId, userId } from './test-teams.ts'

const WRITERS = 6
const TRANSACTIONS = 50
const KEYS = 24

interface Transaction {
  readonly deeds: readonly { readonly key: number; readonly deed: keyof typeof deeds }[]
  readonly ending: 'COMMIT' | 'ROLLBACK'
  /** Before the end, so that snapshots are taken while it is open. */
  readonly pauseMs: number
}

const deeds = {
  add: (key: number) => `${insertPipelines([key])} ON CONFLICT (id) DO NOTHING`,
  raise: (key: number) => `UPDATE public.pipelines SET revision = revision + 1 ${at(key)}`,
  turn: (key: number) =>
    `UPDATE public.pipelines SET step_count = (step_count + 1) % 3, name = name || '.' ${at(key)}`,
  give: (key: number) =>
    `UPDATE public.pipelines SET team_id = CASE WHEN team_id = '${teamId(1)}'
       THEN '${teamId(2)}'::uuid ELSE '${teamId(1)}' END ${at(key)}`,
  remove: (key: number) => `DELETE FROM public.pipelines ${at(key)}`,
}
const at = (key: number) => `WHERE id = '${pipelineId(key)}'`

const transaction: fc.Arbitrary<Transaction> = fc.record({
  deeds: fc
    .array(
      fc.record({
        key: fc.integer({ min: 1, max: KEYS }),
        deed: fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[])),
      }),
      { minLength: 1, maxLength: 4 },
    )
    // Ascending, so that the rows by themselves cannot deadlock.
    .map((all) => all.sort((a, b) => a.key - b.key)),
  ending: fc.constantFrom('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK'),
  pauseMs: fc.integer({ min: 0, max: 6 }),
})

describe('shapes that begin and go on while six writers change their rows', function () {
  this.timeout(120_000)
  let server: ShapeTestServer

  before(async () => {
    server = await startShapeServer()
    server.teams.join(userId(2), teamId(2))
  })
  after(() => server.stop())

  async function write(transactions: readonly Transaction[]): Promise<void> {
    const client = await server.database.pool.connect()
    for (const { deeds: all, ending, pauseMs } of transactions) {
      await client.query('BEGIN')
      for (const { key, deed } of all) await client.query(deeds[deed](key))
      await client.query('SELECT pg_sleep($1)', [pauseMs / 1_000])
      await client.query(ending)
    }
    client.release()
  }

  async function rowsOf(team: number, where: string): Promise<TextRow[]> {
    const { rows } = await server.database.pool.query<TextRow>(
      `SELECT id::text, name, revision::text, step_count::text FROM public.pipelines
        WHERE team_id = $1 AND ${where} ORDER BY id`,
      [teamId(team)],
    )
    return rows
  }

  it('have neither lost a change nor one twice, each of them', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    const again = `run again with SEED=${seed}`
    const plan = fc.array(transaction, { minLength: TRANSACTIONS, maxLength: TRANSACTIONS })
    const plans = fc.sample(plan, { numRuns: WRITERS, seed })

    let isWriting = true
    const writing = Promise.all(plans.map(write)).finally(() => (isWriting = false))
    const followed: { shape: FollowedShape; team: number; where: string }[] = []
    const following: Promise<void>[] = []
    const goOn = async (shape: FollowedShape) => {
      while (isWriting) await shape.catchUp()
    }
    while (isWriting) {
      const n = followed.length
      const team = 1 + (n % 2)
      // Each clause is another one, and so is its shape.
      const where = `step_count <> ${n % 4} AND revision <> ${1_000 + n}`
      const params = { table: 'pipelines', columns: 'id,name,revision,step_count', where }
      const shape = new FollowedShape(server, params, { as: userId(team) })
      followed.push({ shape, team, where })
      await shape.catchUp()
      if (n % 5 === 0) following.push(goOn(shape))
      await delay(2)
    }
    await writing
    await Promise.all(following)
    const { rows } = await server.database.pool.query<{ last: string }>(
      'SELECT max(commit_number)::text AS last FROM public.pipeline_changes',
    )
    const last = Number(rows[0]!.last)
    while (server.shapes().figures().completedCommit < last) await delay(5)

    expect(followed.length, again).to.be.greaterThan(10)
    for (const { shape, team, where } of followed) {
      await shape.catchUp()
      const byId = [...shape.rows.values()].sort((a, b) => (a['id']! < b['id']! ? -1 : 1))
      expect(byId, `${where}: ${again}`).to.deep.equal(await rowsOf(team, where))
      expect(shape.refetches, again).to.equal(0)
    }
    expect(server.errors, again).to.deep.equal([])
  })
})
