import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import {
  findRunningPostgres,
  startEmbeddedPostgres,
} from '../../backend/embedded-postgres/embedded-postgres.ts'
import { createPostgresLog, type PostgresLog } from '../../backend/log/postgres/postgres-log.ts'
import { longStory, pipelineEventsOf, pipelineIdOf, tell } from '../projections/stories.ts'
import { pipelineEvent } from '../support/events.ts'
import { testDatabase, type TestDatabase } from '../support/postgres.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const story = longStory(3)

async function run(env: NodeJS.ProcessEnv, ...words: string[]) {
  const script = join(ROOT, 'scripts/projections-rebuild.ts')
  const child = spawn(process.execPath, ['--import=tsx', script, ...words], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: '', ...env },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => (stdout += String(text)))
  child.stderr.on('data', (text) => (stderr += String(text)))
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

describe('npm run projections:rebuild', function () {
  this.timeout(120_000)

  describe('with a database of its own', () => {
    let database: TestDatabase
    let log: PostgresLog
    beforeEach(async () => {
      database = await testDatabase()
      log = await createPostgresLog({ databaseUrl: database.url, now: Date.now })
      await tell(log, story)
    })
    afterEach(async () => {
      await log.close()
      await database.drop()
    })

    const here = (...words: string[]) => run({ DATABASE_URL: database.url }, ...words)

    it('fills the tables, says what was wrong, and finds nothing the second time', async () => {
      const first = await here()
      expect(first).to.include({ code: 0 })
      expect(first.stdout).to.match(/^Rebuilt 11 tables from \d+ events of \d+ streams/)
      expect(first.stdout).to.match(/\n {2}activity: \d+ rows were missing, 0 were wrong/)
      expect(first.stderr).to.match(
        /^reading: \d+ of \d+ events\n(.*\n)*writing: (\d+) of \2 events\n$/,
      )
      const second = await here('--json')
      expect(second.code).to.equal(0)
      const report = JSON.parse(second.stdout) as {
        position: number
        tables: { updated: number }[]
      }
      expect(report.position).to.equal(await log.head())
      expect(report.tables.map(({ updated }) => updated)).to.deep.equal(Array(11).fill(0))
    })

    it('rebuilds a part, and refuses what there is not', async () => {
      await here()
      const part = await here(
        '--pipeline',
        pipelineIdOf(0).toUpperCase(),
        '--only',
        'steps',
        '--json',
      )
      expect(JSON.parse(part.stdout)).to.deep.include({ streams: 1, faults: [] })
      const unknown = await here('--only', 'step')
      expect(unknown).to.include({ code: 1, stdout: '' })
      expect(unknown.stderr).to.match(/step is no read model\. Choose one of pipelines, steps/)
      expect(await here('--pipeline', 'mine', '--json')).to.deep.include({
        code: 1,
        stdout: `{"error":{"message":"--pipeline mine is no id of a pipeline: it must be a uuid."}}\n`,
      })
    })

    it('does not end well where a stream could not be rebuilt', async () => {
      const clock = { replica00001: 1, replica00009: 4 } as never
      const pipelineId = pipelineIdOf(6)
      await tell(log, [pipelineEventsOf(6, []), [pipelineEvent({ pipelineId, clock })]])
      const { code, stdout } = await here()
      expect(code).to.equal(1)
      expect(stdout).to.include(`pipeline-${pipelineId} could not be rebuilt: event`)
    })
  })

  it('uses the embedded Postgres of DATA_DIR, running or not, and leaves it as it was', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tributary-rebuild-'))
    try {
      expect((await run({ DATA_DIR: dataDir })).stderr).to.match(
        /^There is no database in DATA_DIR/,
      )
      const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined })
      try {
        const log = await createPostgresLog({ databaseUrl: postgres.databaseUrl, now: Date.now })
        await tell(log, story)
        await log.close()
        expect(await run({ DATA_DIR: dataDir })).to.include({ code: 0 })
        expect((await findRunningPostgres(dataDir))?.databaseUrl).to.equal(postgres.databaseUrl)
      } finally {
        await postgres.stop()
      }
      const stopped = await run({ DATA_DIR: dataDir })
      expect(stopped.stdout).to.include('Every row was right.')
      expect(stopped.code).to.equal(0)
      expect(await findRunningPostgres(dataDir)).to.equal(null)
    } finally {
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    }
  })
})
