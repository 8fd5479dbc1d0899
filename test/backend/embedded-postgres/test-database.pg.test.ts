import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stopTestCluster, testDatabase } from '../../support/postgres.ts'
import { ask } from './ask.ts'

const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js')
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SUPPORT = join(ROOT, 'test', 'support')

describe('a database for a test', function () {
  this.timeout(60_000)

  after(stopTestCluster)

  it('is empty, and another one for each who asks', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()])
    expect(one.url).not.to.equal(other.url)
    await ask(one.url, 'CREATE TABLE t (n int)')
    const tables = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
    expect(await ask(other.url, tables)).to.deep.equal([])
    await one.drop()
    await other.drop()
  })

  it('can be dropped while a connection is open, and twice', async () => {
    const database = await testDatabase()
    const asked = ask(database.url, 'SELECT pg_sleep(600)').catch((error: unknown) => error)
    while ((await ask(database.url, RUNNING)).length === 0);
    await database.drop()
    expect(await asked).to.be.an('error')
    await database.drop()
    expect(await ask(database.url, 'SELECT 1').catch(String)).to.include('does not exist')
  })

  describe('asked for by a test file that mocha runs alone', () => {
    let folder: string

    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tributary-alone-'))))
    afterEach(() => rm(folder, { recursive: true, force: true }))

    for (const [outcome, code] of [
      ['passes', 0],
      ['fails', 1],
    ] as const) {
      it(`leaves no process and no folder behind when the test ${outcome}`, async () => {
        const file = join(folder, 'a.test.ts')
        await writeFile(
          file,
          `import { testDatabase } from ${JSON.stringify(join(SUPPORT, 'postgres.ts'))}
           it('asks', async () => {
             console.log((await testDatabase()).url)
             if (${code}) throw new Error('a failure')
           })`,
        )
        const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder }
        delete env['TEST_DATABASE_URL']
        const child = spawn(
          process.execPath,
          [MOCHA, '--no-config', '--node-option=import=tsx', '--timeout=30000', file],
          { cwd: ROOT, env },
        )
        let output = ''
        child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
        child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
        // A process that something keeps open would never end by itself.
        expect((await once(child, 'close'))[0], output).to.equal(code)
        const [url = ''] = /postgresql:\S+/.exec(output) ?? []
        expect(url, output).not.to.equal('')
        expect(await ask(url, 'SELECT 1').catch(String), output).to.include('ECONNREFUSED')
        const left = (await readdir(folder)).filter((name) => name.startsWith('tributary-'))
        expect(left).to.deep.equal([])
      })
    }
  })
})

const RUNNING = `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'
  AND datname = current_database()`
