import { expect } from 'chai'
import { readModels } from '../../../projections/read-models.ts'
import { insertPipelines, startShapeServer, type ShapeTestServer } from './shape-test-server.ts'
import { pipelineId, teamId, userId } from './test-teams.ts'

/** Texts that would do harm where they became SQL, or would show what is not one's own. */
const HOSTILE = [
  `' OR '1'='1`,
  `1=1) OR (1=1`,
  `true) UNION SELECT * FROM public.pipelines --`,
  `'; DROP TABLE public.pipelines; --`,
  `" OR true --`,
  `pg_sleep(5) IS NOT NULL`,
  `id IN (SELECT id FROM public.pipelines)`,
  `EXISTS (SELECT 1 FROM auth.account)`,
  `(SELECT current_user) IS NOT NULL`,
  `team_id = ANY(ARRAY(SELECT team_id FROM public.pipelines))`,
  `name = $1::text`,
  `name::regclass IS NULL`,
  `1 = 1 /* `,
  `\u0000`,
  `\\'; SELECT 1`,
  `$$ OR true $$`,
  `U&"id" = 1`,
  `name COLLATE "C" = 'a'`,
  `id = '${pipelineId(2)}' OR true OR pg_catalog.version() = ''`,
]

describe('what a caller writes into a request', function () {
  this.timeout(60_000)
  let server: ShapeTestServer

  before(async () => {
    server = await startShapeServer()
    await server.sql(insertPipelines([1]))
    await server.sql(insertPipelines([2], teamId(2)))
  })
  after(async () => {
    const count = await server.database.pool.query('SELECT FROM public.pipelines')
    expect(count.rowCount, 'rows that are still there').to.equal(2)
    expect(server.errors).to.deep.equal([])
    await server.stop()
  })

  const start = { table: 'pipelines', offset: '-1' }

  /** Whatever the answer is, it is one of the protocol, and holds nothing of another team. */
  async function expectHarmless(params: Record<string, string>): Promise<number> {
    const { status, body } = await server.ask({ ...start, ...params })
    const what = JSON.stringify([params, body])
    expect(status, what).to.be.oneOf([200, 400, 409])
    expect(what.includes(`"value":{"id":"${pipelineId(2)}"`), what).to.be.false
    return status
  }

  for (const name of [
    'table',
    'columns',
    'replica',
    'log',
    'offset',
    'live',
    'params[1]',
    'params[x]',
  ]) {
    it(`is never taken for more than it is in ${name}`, async () => {
      for (const text of HOSTILE) await expectHarmless({ [name]: text })
    })
  }

  it('is never taken for more than it is in handle and cursor', async () => {
    for (const text of HOSTILE) {
      await expectHarmless({ offset: '0_0', handle: text, cursor: text, [text]: text })
    }
  })

  it('is refused in where, at its place', async () => {
    for (const where of HOSTILE) {
      const { status, body } = await server.ask({ ...start, where, 'params[1]': 'x' })
      expect(status, where).to.equal(400)
      expect(body.errors.where[0], where).to.match(/^At location \d+: /)
    }
  })

  it('is a value and nothing else as a parameter of where', async () => {
    for (const text of HOSTILE.filter((one) => !one.includes('\0'))) {
      const params = { ...start, where: 'name = $1 OR name LIKE $1', 'params[1]': text }
      const { status, body } = await server.ask(params)
      expect(status, text).to.equal(200)
      expect(body, text).to.have.length(1)
    }
    await server.sql(`UPDATE public.pipelines SET name = $t$${HOSTILE[3]}$t$ WHERE revision = 1`)
    const { body } = await server.ask({ ...start, where: 'name = $1', 'params[1]': HOSTILE[3]! })
    expect(body[0].value.name).to.equal(HOSTILE[3])
  })

  it('cannot widen what the teams of the caller allow', async () => {
    const all = [
      'true',
      'true OR true',
      'NOT false',
      `team_id = '${teamId(2)}'`,
      `team_id <> '${teamId(1)}'`,
      `team_id IN ('${teamId(1)}', '${teamId(2)}')`,
      'team_id IS NULL OR team_id IS NOT NULL',
      'team_id = team_id',
    ]
    for (const where of all) {
      const { status, body } = await server.ask({ ...start, where })
      expect(status).to.equal(200)
      const ids = body.flatMap((one: { value?: { id: string } }) => one.value?.id ?? [])
      expect(ids, where).not.to.include(pipelineId(2))
    }
  })

  it('cannot name a table that is not one of the read models', async () => {
    const names = [
      ...['pg_catalog.pg_authid', 'pg_authid', 'information_schema.tables', 'schema_migration'],
      ...['public.projection_checkpoint', 'projection_fault', 'pipeline_changes', 'log.event'],
      ...['change_feed.change', 'change_feed.commit', '"public.pipelines"', '"Pipelines"'],
    ]
    for (const table of names) {
      const { status, body } = await server.ask({ table, offset: '-1' })
      expect(status, table).to.equal(400)
      expect(body.errors.table[0], table).to.match(/does not exist/)
    }
  })
})

describe('every read model', function () {
  this.timeout(60_000)
  let server: ShapeTestServer
  before(async () => void (server = await startShapeServer()))
  after(() => server.stop())

  for (const { table, columns, key } of readModels) {
    it(`is offered with its own rows alone: ${table}`, async () => {
      server.teams.join(userId(2), teamId(2))
      for (const team of [1, 2]) await server.sql(anyRow(table, columns, teamId(team)))
      for (const [user, team] of [
        [1, 1],
        [2, 2],
      ] as const) {
        const { status, body, headers } = await server.ask(
          { table, offset: '-1' },
          { as: userId(user) },
        )
        expect(status).to.equal(200)
        const rows = body.filter((one: { value?: object }) => one.value)
        expect(rows.map((one: { value: { team_id: string } }) => one.value.team_id)).to.deep.equal([
          teamId(team),
        ])
        const schema = JSON.parse(headers.get('electric-schema')!)
        expect(Object.keys(schema)).to.deep.equal(Object.keys(rows[0].value))
        expect(key.map((name) => schema[name].pk_index)).to.deep.equal(key.map((_, n) => n))
      }
      const stranger = await server.ask({ table, offset: '-1' }, { as: userId(3) })
      expect(stranger.body).to.have.length(1)
    })
  }
})

/** SQL for one row of a team with a value in every column. */
function anyRow(table: string, columns: Readonly<Record<string, string>>, team: string): string {
  const values: Record<string, string> = {
    uuid: `'${team}'`,
    text: `'t'`,
    integer: '1',
    'double precision': '1.5',
    boolean: 'true',
    timestamptz: 'now()',
    jsonb: `'{}'`,
  }
  const names = Object.keys(columns).map((name) => `"${name}"`)
  const row = Object.values(columns).map((type) => values[type])
  return `INSERT INTO public.${table} (${names.join(', ')}) VALUES (${row.join(', ')})`
}
