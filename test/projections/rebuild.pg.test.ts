import { expect } from 'chai'
import fc from 'fast-check'
import { pipelineStream, type PipelineId } from '../../domain/ids.ts'
import { demandLease } from '../../projections/postgres/projection-lease.ts'
import { readModels } from '../../projections/read-models.ts'
import {
  rebuild,
  type RebuildOptions,
  type RebuildRefused,
  type RebuildReport,
} from '../../projections/rebuild.ts'
import { pipelineEvent } from '../support/events.ts'
import { newLog, ProjectionScene } from './projection-scene.ts'
import { longStory, pipelineEventsOf, pipelineIdOf, stories, tell } from './stories.ts'

const story = longStory(11)

/** Damage by hand: rows changed, lost and made up, as `table: [sql, …]`; each hits at most one row. */
const anyRow = (table: string, nth: number) =>
  `ctid = (SELECT ctid FROM ${table} ORDER BY ${table}::text OFFSET ${nth} LIMIT 1)`
const damages = fc.array(
  fc.oneof(
    fc
      .record({
        column: fc.constantFrom(
          ...['steps.name', 'steps.updated_at', 'connections.status', 'notes.text', 'users.name'],
          ...['comments.body', 'pipelines.step_count', 'activity.events', 'team_members.role'],
          ...['pipeline_versions.cut', 'conflicts.values', 'teams.name', 'steps.config'],
        ),
        nth: fc.nat(5),
      })
      .map(({ column, nth }) => {
        const [table, name] = column.split('.') as [string, string]
        const value =
          { events: '77', step_count: '-1', updated_at: 'now()', cut: `'{}'` }[name] ??
          (name === 'config' || name === 'values' ? `'{"damaged": 1}'` : `'damaged'`)
        return `UPDATE ${table} SET "${name}" = ${value} WHERE ${anyRow(table, nth)}`
      }),
    fc
      .record({ table: fc.constantFrom(...readModels.map(({ table }) => table)), nth: fc.nat(5) })
      .map(({ table, nth }) => `DELETE FROM ${table} WHERE ${anyRow(table, nth)}`),
    fc.constantFrom(
      `INSERT INTO teams VALUES (gen_random_uuid(), gen_random_uuid(), 'made up')`,
      `INSERT INTO team_members VALUES (gen_random_uuid(), gen_random_uuid(), 'owner')`,
      `INSERT INTO notes SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'made up',
         1, 2, 3, 4, now(), gen_random_uuid()`,
    ),
  ),
  { maxLength: 12 },
)

describe('a rebuild of the read models', function () {
  this.timeout(120_000)
  let scene: ProjectionScene
  beforeEach(async () => {
    scene = await ProjectionScene.open()
    await tell(scene.log, story)
  })
  afterEach(() => scene.close())

  const rebuilt = (options: Partial<RebuildOptions> = {}) => rebuildIn(scene, options)

  async function projectedOnce(): Promise<void> {
    const projector = scene.start()
    await scene.projected(projector)
    await projector.stop()
  }

  const lastCommit = async () =>
    (await scene.database.values('SELECT max(commit_number)::int FROM pipeline_changes'))[0]

  it('gives the rows that the live projector gives, whatever was done to them', () =>
    fc.assert(
      fc.asyncProperty(stories, damages, async (story, damage) => {
        const own = await ProjectionScene.open()
        try {
          await tell(own.log, story)
          const projector = own.start()
          await own.projected(projector)
          const rows = await own.database.rows()
          for (const sql of damage) await own.database.pool.query(sql)
          const report = await rebuildIn(own)
          expect(await own.database.rows()).to.deep.equal(rows)
          await own.expectRight()
          expect(report).to.include({ position: await own.log.head() })
          expect(changed(await rebuildIn(own))).to.deep.equal({})
        } finally {
          await own.close()
        }
      }),
      { numRuns: 10 },
    ))

  it('fills empty tables', async () => {
    const report = await rebuilt()
    expect(report.events).to.equal(await scene.log.head())
    expect(report.faults).to.deep.equal([])
    await scene.expectRight()
    // A projector finds nothing left to do.
    const before = await lastCommit()
    await projectedOnce()
    expect(await lastCommit()).to.equal(before)
  })

  it('shows followers of the tables what was wrong, in one commit, and nothing else', async () => {
    await projectedOnce()
    const before = (await lastCommit()) as number
    expect(changed(await rebuilt())).to.deep.equal({})
    expect(await lastCommit()).to.equal(before)

    await scene.database.pool.query(
      `UPDATE steps SET name = 'damaged' WHERE ${anyRow('steps', 1)};
       DELETE FROM activity WHERE ${anyRow('activity', 1)};
       INSERT INTO teams VALUES (gen_random_uuid(), gen_random_uuid(), 'made up')`,
    )
    const damaged = (await lastCommit()) as number
    const report = await rebuilt()
    expect(changed(report)).to.deep.equal({
      steps: { inserted: 0, updated: 1, deleted: 0 },
      activity: { inserted: 1, updated: 0, deleted: 0 },
      teams: { inserted: 0, updated: 0, deleted: 1 },
    })
    expect(await lastCommit()).to.equal(damaged + 1)
    expect(
      await scene.database.values(
        `SELECT relation_table || ' ' || operation FROM pipeline_changes
          WHERE commit_number > ${damaged} ORDER BY 1`,
      ),
    ).to.deep.equal(['activity insert', 'steps update', 'teams delete'])
  })

  it('has a running projector pause, which then goes on', async () => {
    const projector = scene.start()
    await scene.projected(projector)
    await scene.database.pool.query(`UPDATE notes SET text = 'damaged'; DELETE FROM steps`)
    const report = await rebuilt()
    expect(Object.keys(changed(report))).to.include('steps')
    await tell(scene.log, [pipelineEventsOf(7, [])])
    await scene.projected(projector)
    await scene.expectRight()
  })

  it('rebuilds one table, at the place where the others are', async () => {
    await projectedOnce()
    const { position } = (await rebuilt({ only: 'teams' })) as RebuildReport
    await scene.database.pool.query(`UPDATE steps SET name = 'damaged'; DELETE FROM notes`)
    await tell(scene.log, [pipelineEventsOf(7, [])])
    const report = await rebuilt({ only: 'steps' })
    expect(report).to.include({ position })
    expect(Object.keys(changed(report))).to.deep.equal(['steps'])
    expect(await scene.database.values('SELECT count(*)::int FROM notes')).to.deep.equal([0])
    expect(await scene.database.values(`SELECT id FROM steps WHERE name = 'damaged'`)).to.be.empty
    await rebuilt({ only: 'notes' })
    await projectedOnce()
    await scene.expectRight()
  })

  it('rebuilds one pipeline and leaves the others', async () => {
    await tell(scene.log, [pipelineEventsOf(7, []), pipelineEventsOf(8, [])])
    await projectedOnce()
    await scene.database.pool.query(`UPDATE pipelines SET name = 'damaged'`)
    const report = await rebuilt({ pipelineId: pipelineIdOf(7) })
    expect(report).to.include({ streams: 1, events: 3 })
    expect(changed(report)).to.deep.equal({ pipelines: { inserted: 0, updated: 1, deleted: 0 } })
    const names = await scene.database.values('SELECT DISTINCT name FROM pipelines ORDER BY 1')
    expect(names).to.deep.equal(['damaged', 'p'])
  })

  it('takes over tables that another log made', async () => {
    await projectedOnce()
    const other = newLog()
    await tell(other, [pipelineEventsOf(5, [])])
    await rebuildIn(scene, { log: other })
    expect(await scene.database.values('SELECT id FROM pipelines')).to.eql([pipelineIdOf(5)])
    const projector = scene.start({ log: other })
    await projector.waitFor(await other.head())
  })

  it('leaves the rows of a stream that cannot be folded, and says so', async () => {
    await tell(scene.log, [pipelineEventsOf(7, [])])
    await projectedOnce()
    const before = await scene.database.rows()
    const broken = { replica00001: 1, replica00009: 4 } as never
    await tell(scene.log, [[pipelineEvent({ pipelineId: pipelineIdOf(7), clock: broken })]])
    const report = await rebuilt()
    expect(report.faults.map(({ streamId }) => streamId)).to.deep.equal([
      pipelineStream(pipelineIdOf(7)),
    ])
    expect(await scene.database.rows()).to.deep.equal(before)
    expect(await scene.database.values('SELECT stream_id FROM projection_fault')).to.have.length(1)
  })

  it('tells how far it is', async () => {
    const phases = new Map<string, number[]>()
    await rebuilt({
      onProgress: ({ phase, done, total }) =>
        phases.set(phase, [...(phases.get(phase) ?? []), done / total]),
    })
    expect([...phases.keys()]).to.deep.equal(['reading', 'folding', 'writing'])
    for (const shares of phases.values()) {
      expect(shares.at(-1)).to.equal(1)
      expect(shares).to.deep.equal([...shares].sort((a, b) => a - b))
    }
  })

  describe('is refused', () => {
    const refusal = (options: Partial<RebuildOptions>) =>
      rebuilt(options).then(
        () => null,
        (error: RebuildRefused) => [error.code, error.message],
      )

    it('for a table that there is not', async () => {
      expect(await refusal({ only: 'step' })).to.deep.equal([
        'unknown-table',
        'step is no read model. Choose one of pipelines, steps, connections, notes, comments, ' +
          'pipeline_versions, conflicts, activity, teams, team_members, users.',
      ])
      const [code] = (await refusal({ only: 'teams', pipelineId: pipelineIdOf(0) })) ?? []
      expect(code).to.equal('unknown-table')
    })

    it('for a pipeline that there is not', async () => {
      await projectedOnce()
      const nowhere = 'ffffffff-ffff-4fff-8fff-ffffffffffff' as PipelineId
      expect((await refusal({ pipelineId: nowhere }))?.[0]).to.equal('unknown-pipeline')
    })

    it('for a part of what was never built, or from another log', async () => {
      expect((await refusal({ only: 'steps' }))?.[0]).to.equal('not-built')
      await projectedOnce()
      const other = newLog()
      await tell(other, [pipelineEventsOf(5, [])])
      expect((await refusal({ only: 'steps', log: other }))?.[0]).to.equal('other-history')
    })
  })
})

async function rebuildIn(scene: ProjectionScene, options: Partial<RebuildOptions> = {}) {
  const lease = await demandLease(scene.database.pool)
  try {
    return await rebuild({ log: scene.log, store: lease.store, ...options })
  } finally {
    lease.release()
  }
}

/** Of a report, the tables that were wrong. */
function changed({ tables }: RebuildReport) {
  const wrong = tables.filter(({ inserted, updated, deleted }) => inserted + updated + deleted > 0)
  return Object.fromEntries(wrong.map(({ table, ...counts }) => [table, counts]))
}
