import { expect } from 'chai'
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import {
  findRunningPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../backend/embedded-postgres/embedded-postgres.ts'
import { lockHolder } from '../../../backend/embedded-postgres/data-dir-lock.ts'
import { waitUntil } from '../../../backend/embedded-postgres/wait-until.ts'
import { ask } from './ask.ts'
import { copyCluster, newFolder, removeFolders, serversOn } from './data-folders.ts'
import { HeldPostgres, killAllHeld } from './held-postgres.ts'

describe('the embedded Postgres', function () {
  this.timeout(60_000)

  let dataDir: string
  let postgres: EmbeddedPostgres | null
  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const start = async () => (postgres = await startEmbeddedPostgres({ dataDir, log }))

  beforeEach(async () => {
    dataDir = join(await newFolder(), 'data')
    postgres = null
    lines.length = 0
  })

  afterEach(async () => {
    await postgres?.stop()
    await killAllHeld()
    await removeFolders()
  })

  describe('started on a folder that does not exist', () => {
    it('makes it, for its owner alone, with a database that answers', async () => {
      const { databaseUrl, port, firstStart, recovered } = await start()

      expect({ firstStart, recovered }).to.deep.equal({ firstStart: true, recovered: false })
      expect(new URL(databaseUrl)).to.include({ hostname: '127.0.0.1', pathname: '/tributary' })
      expect(new URL(databaseUrl).port).to.equal(String(port))
      expect(await ask(databaseUrl, 'SELECT current_database() AS name')).to.deep.equal([
        { name: 'tributary' },
      ])
      expect((await stat(dataDir)).mode & 0o777).to.equal(0o700)
      expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).to.equal(0o700)
      expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).to.equal(0o600)
      expect((await readdir(dataDir)).sort()).to.deep.equal([
        'postgres',
        'postgres.log',
        'postgres.password',
        'tributary.lock',
      ])
      expect(lines).to.deep.equal([])
    })

    it('writes nothing to the terminal, and its messages to postgres.log', async () => {
      const held = new HeldPostgres(dataDir)
      await held.next('ready')
      await held.stop()
      expect(held.messages.map(({ event }) => event)).to.deep.equal(['ready', 'stopped'])
      expect(held.stderr).to.equal('')
      const text = await readFile(join(dataDir, 'postgres.log'), 'utf8')
      expect(text).to.include('database system is ready to accept connections')
    })
  })

  describe('running', () => {
    beforeEach(() => copyCluster(dataDir))

    it('is durable, ready for logical replication, in UTC, and sorts by code point', async () => {
      const { databaseUrl } = await start()
      const settings = await ask(
        databaseUrl,
        `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit',
           'full_page_writes', 'wal_level', 'TimeZone', 'max_connections', 'listen_addresses',
           'unix_socket_directories', 'server_encoding', 'data_checksums')`,
      )
      expect(
        Object.fromEntries(settings.map(({ name, setting }) => [name, setting])),
      ).to.deep.equal({
        fsync: 'on',
        synchronous_commit: 'on',
        full_page_writes: 'on',
        wal_level: 'logical',
        TimeZone: 'UTC',
        max_connections: '100',
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        server_encoding: 'UTF8',
        data_checksums: 'on',
      })
      const sorted = `SELECT string_agg(letter, '' ORDER BY letter) AS letters, lower('É') AS small
        FROM unnest(ARRAY['b', 'é', 'B', 'a']) AS letter`
      expect(await ask(databaseUrl, sorted)).to.deep.equal([{ letters: 'Babé', small: 'é' }])
    })

    it('lets nobody in without the password', async () => {
      const { databaseUrl } = await start()
      const url = new URL(databaseUrl)
      for (const password of ['', 'tributary', 'f'.repeat(64)]) {
        url.password = password
        const error = await ask(url.href, 'SELECT 1').then(String, (reason: Error) => reason)
        expect(error, password).to.be.an('error')
      }
    })
  })

  describe('stopped', () => {
    beforeEach(() => copyCluster(dataDir))

    it('leaves no process, and starts again with the same password and all rows', async () => {
      const first = await start()
      await ask(first.databaseUrl, 'CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)')
      await first.stop()
      expect(await serversOn(dataDir)).to.deep.equal([])

      const second = await start()
      expect(second).to.include({ firstStart: false, recovered: false })
      expect(new URL(second.databaseUrl).password).to.equal(new URL(first.databaseUrl).password)
      expect(await ask(second.databaseUrl, 'SELECT n FROM t')).to.deep.equal([{ n: 1 }])
      expect(lines).to.deep.equal([])
    })

    it('does not wait for connections that are open, and may be stopped twice', async () => {
      const { databaseUrl, stop } = await start()
      const sleeping = ask(databaseUrl, 'SELECT pg_sleep(600)').catch((error: unknown) => error)
      await Promise.all([stop(), stop()])
      await stop()
      expect(await sleeping).to.be.an('error')
      expect(await serversOn(dataDir)).to.deep.equal([])
    })

    it('brings new settings at the next start, and keeps those of ALTER SYSTEM', async () => {
      const { databaseUrl, stop } = await start()
      await ask(databaseUrl, `ALTER SYSTEM SET work_mem = '7MB'`)
      await stop()
      await appendFile(join(dataDir, 'postgres', 'postgresql.conf'), '\nfsync = off\n')
      const again = await start()
      const shown = await ask(
        again.databaseUrl,
        `SELECT current_setting('work_mem') AS work_mem, current_setting('fsync') AS fsync`,
      )
      expect(shown).to.deep.equal([{ work_mem: '7MB', fsync: 'on' }])
    })

    it('does not write its settings through a link that was left in the cluster', async () => {
      const victim = join(dataDir, 'victim')
      await writeFile(victim, 'precious')
      const path = join(dataDir, 'postgres', 'postgresql.conf')
      await rm(path)
      await symlink(victim, path)
      const { databaseUrl } = await start()
      expect(await readFile(victim, 'utf8')).to.equal('precious')
      expect(await ask(databaseUrl, 'SHOW wal_level')).to.deep.equal([{ wal_level: 'logical' }])
    })

    it('gives the role a new password when the file with the old one was lost', async () => {
      const first = await start()
      await first.stop()
      await rm(join(dataDir, 'postgres.password'))
      const second = await start()
      expect(new URL(second.databaseUrl).password).not.to.equal(new URL(first.databaseUrl).password)
      expect(await ask(second.databaseUrl, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    })

    it('starts the log anew once it has grown, and keeps the part before', async () => {
      await (await start()).stop()
      const path = join(dataDir, 'postgres.log')
      await writeFile(path, `${'x'.repeat(1024 * 1024)}end`)
      await start()
      expect((await stat(path)).size).to.be.within(1, 64 * 1024)
      expect(await readFile(`${path}.1`, 'utf8')).to.match(/xend$/)
    })
  })

  describe('robbed of its folder', () => {
    beforeEach(() => copyCluster(dataDir))

    it('stops its server and says so, instead of starting it again', async () => {
      await start()
      expect(await serversOn(dataDir)).not.to.deep.equal([])
      await rm(join(dataDir, 'tributary.lock'), { recursive: true })
      await waitUntil(async () => (await serversOn(dataDir)).length === 0, 20_000)
      expect(await serversOn(dataDir)).to.deep.equal([])
      expect(lines).to.have.length(1)
      expect(lines[0]).to.include(dataDir).and.include('taken over')
    })
  })

  describe('looked for by a script', () => {
    beforeEach(() => copyCluster(dataDir))

    it('is not found where there is no folder', async () => {
      expect(await findRunningPostgres(join(dataDir, 'nowhere'))).to.equal(null)
    })

    it('is joined while it runs, and not found before and after', async () => {
      expect(await findRunningPostgres(dataDir)).to.equal(null)
      const { databaseUrl, stop } = await start()
      expect(await findRunningPostgres(dataDir)).to.deep.equal({ databaseUrl })
      await stop()
      expect(await findRunningPostgres(dataDir)).to.equal(null)
    })

    it('is waited for while it is starting', async () => {
      const starting = start()
      await waitUntil(
        async () => (await lockHolder(join(dataDir, 'tributary.lock'))) !== null,
        9_000,
      )
      const [found, { databaseUrl }] = await Promise.all([findRunningPostgres(dataDir), starting])
      expect(found).to.deep.equal({ databaseUrl })
    })

    it('is joined also when its Tributary was killed', async () => {
      const held = new HeldPostgres(dataDir)
      const { databaseUrl } = await held.next('ready')
      await held.kill()
      const found = await findRunningPostgres(dataDir)
      expect(found).to.deep.equal({ databaseUrl })
      expect(await ask(databaseUrl, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    })
  })

  describe('on a folder that it cannot use', () => {
    const refusal = async () =>
      start().then(
        () => expect.fail('it started'),
        (error: Error & { code: string }) => error,
      )

    it('says that it is a file', async () => {
      await writeFile(dataDir, 'a file')
      const error = await refusal()
      expect(error.code).to.equal('data-dir-unusable')
      expect(error.message).to.include(dataDir).and.include('is a file').and.include('set DATA_DIR')
    })

    it('says that a file stands in its way', async () => {
      await writeFile(dataDir, 'a file')
      dataDir = join(dataDir, 'below')
      expect((await refusal()).code).to.equal('data-dir-unusable')
    })

    it('says that the data of another Postgres must be exported, and leaves it alone', async () => {
      await copyCluster(dataDir)
      await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '16\n')
      const error = await refusal()
      expect(error.code).to.equal('postgres-version-mismatch')
      expect(error.message).to.include('Postgres 16').and.include('Postgres 18')
      expect(error.message).to.include('log:export').and.include('log:import')

      await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '18\n')
      expect(await start()).to.include({ firstStart: false, recovered: false })
    })

    it('does not touch a folder of somebody else at the place of the cluster', async () => {
      await mkdir(join(dataDir, 'postgres'), { recursive: true })
      await writeFile(join(dataDir, 'postgres', 'thesis.txt'), 'years of work')
      const error = await refusal()
      expect(error.code).to.equal('data-dir-unusable')
      expect(await readdir(join(dataDir, 'postgres'))).to.deep.equal(['thesis.txt'])
    })

    it('says that a file in it belongs to somebody else', async () => {
      await copyCluster(dataDir)
      await rm(join(dataDir, 'postgres.log'))
      await mkdir(join(dataDir, 'postgres.log'))
      const error = await refusal()
      expect(error.code).to.equal('data-dir-unusable')
      expect(error.message).to.include(dataDir)
    })

    it('shows what Postgres complains about when it does not start', async () => {
      await copyCluster(dataDir)
      const { databaseUrl, stop } = await start()
      await ask(databaseUrl, `ALTER SYSTEM SET shared_preload_libraries = 'nowhere'`)
      await stop()
      const error = await refusal()
      expect(error.code).to.equal('postgres-failed')
      expect(error.message).to.include('nowhere').and.include('postgres.log')
    })
  })
})
