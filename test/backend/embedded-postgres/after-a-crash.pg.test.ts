import { expect } from 'chai'
import { once } from 'node:events'
import { chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import {
  DataDirInUse,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../backend/embedded-postgres/embedded-postgres.ts'
import { readPostmasterFile } from '../../../backend/embedded-postgres/postmaster-file.ts'
import { waitUntil } from '../../../backend/embedded-postgres/wait-until.ts'
import { ask } from './ask.ts'
import { copyCluster, killServers, newFolder, removeFolders, serversOn } from './data-folders.ts'
import { HeldPostgres, killAllHeld, type Message } from './held-postgres.ts'

describe('the embedded Postgres after a crash', function () {
  this.timeout(60_000)

  let dataDir: string
  let postgres: EmbeddedPostgres | null
  const lines: string[] = []
  const start = async () => {
    const log = (line: string) => lines.push(line)
    return (postgres = await startEmbeddedPostgres({ dataDir, log }))
  }
  const postmasterPid = async () => (await readPostmasterFile(join(dataDir, 'postgres')))!.pid
  const hold = async (): Promise<[HeldPostgres, Message]> => {
    const held = new HeldPostgres(dataDir)
    return [held, await held.next('ready')]
  }
  const expectRecovered = (started: EmbeddedPostgres) => {
    expect(started).to.include({ firstStart: false, recovered: true })
    expect(lines).to.have.length(1)
    expect(lines[0]).to.match(/^The previous run did not stop cleanly; its database was recovered/)
  }

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

  describe('with Tributary killed', () => {
    beforeEach(() => copyCluster(dataDir))

    it('ends the server that was left, and has every committed row and no other', async () => {
      const [held, { databaseUrl }] = await hold()
      await ask(databaseUrl, 'CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)')
      const open = ask(databaseUrl, 'BEGIN', 'INSERT INTO t VALUES (2)', 'SELECT pg_sleep(600)')
      const cutOff = open.catch((error: unknown) => error)
      const before = await postmasterPid()
      await held.kill()
      expect(await serversOn(dataDir)).to.include(before)

      const started = await start()
      expectRecovered(started)
      expect(await cutOff).to.be.an('error')
      expect(await serversOn(dataDir)).not.to.include(before)
      expect(await ask(started.databaseUrl, 'SELECT n FROM t')).to.deep.equal([{ n: 1 }])
      await started.stop()
      expect(await start()).to.include({ recovered: false })
    })

    it('ends a server that does not listen to its signals', async () => {
      const [held, { databaseUrl }] = await hold()
      await ask(databaseUrl, 'CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)')
      await held.kill()
      for (const pid of await serversOn(dataDir)) process.kill(pid, 'SIGSTOP')

      const started = await start()
      expectRecovered(started)
      expect(await ask(started.databaseUrl, 'SELECT n FROM t')).to.deep.equal([{ n: 1 }])
    })

    it('leaves no server behind when it exits without stopping', async () => {
      const [held] = await hold()
      held.tell('exit')
      await held.end()
      expect(await waitUntil(async () => (await serversOn(dataDir)).length === 0, 20_000)).to.equal(
        true,
      )
    })
  })

  describe('with Tributary and Postgres killed', () => {
    beforeEach(() => copyCluster(dataDir))

    it('has every committed row', async () => {
      const [held, { databaseUrl }] = await hold()
      await ask(databaseUrl, 'CREATE TABLE t (n int)')
      for (let n = 1; n <= 20; n++) await ask(databaseUrl, `INSERT INTO t VALUES (${n})`)
      await Promise.all([held.kill(), killServers(dataDir)])
      expect(await readPostmasterFile(join(dataDir, 'postgres'))).not.to.equal(null)

      const started = await start()
      expectRecovered(started)
      expect(await ask(started.databaseUrl, 'SELECT count(*)::int AS n FROM t')).to.deep.equal([
        { n: 20 },
      ])
    })

    it('goes to exactly one of several starts at the same moment', async () => {
      const [held] = await hold()
      await Promise.all([held.kill(), killServers(dataDir)])
      const starts = await Promise.allSettled(
        Array.from({ length: 4 }, () => startEmbeddedPostgres({ dataDir, log: () => undefined })),
      )
      const errors = starts.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      for (const one of starts) if (one.status === 'fulfilled') postgres = one.value
      expect(errors).to.have.length(3)
      for (const error of errors) expect(error).to.be.an.instanceOf(DataDirInUse)
      expect(postgres).to.include({ recovered: true })
    })

    it('ends a backend that outlived both', async () => {
      const [held, { databaseUrl }] = await hold()
      const asked = ask(databaseUrl, 'SELECT pg_backend_pid() AS pid', 'SELECT pg_sleep(600)')
      const cutOff = asked.catch((error: unknown) => error)
      const sleeping = `SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'`
      await waitUntil(async () => (await ask(databaseUrl, sleeping)).length > 0, 10_000)
      const orphan = Number((await ask(databaseUrl, sleeping))[0]?.['pid'])
      // Stopped, it does not notice that its postmaster is gone, as in the middle of long work.
      process.kill(orphan, 'SIGSTOP')
      await held.kill()
      process.kill(await postmasterPid(), 'SIGKILL')
      await waitUntil(async () => (await serversOn(dataDir)).length === 1, 10_000)
      expect(await serversOn(dataDir)).to.deep.equal([orphan])

      expectRecovered(await start())
      expect(await cutOff).to.be.an('error')
      expect(await serversOn(dataDir)).not.to.include(orphan)
    })

    it('does not take another process for the server, whose pid it was given', async () => {
      await (await start()).stop()
      const elsewhere = await newFolder()
      await copyCluster(elsewhere)
      const bystander = new HeldPostgres(elsewhere)
      await bystander.next('ready')
      for (const pid of [process.pid, bystander.pid]) {
        lines.length = 0
        await writeFile(
          join(dataDir, 'postgres', 'postmaster.pid'),
          `${pid}\n/elsewhere\n1764000000\n5432\n\n127.0.0.1\n0 0\nready   \n`,
        )
        const started = await start()
        expectRecovered(started)
        await started.stop()
      }
      await bystander.stop()
      expect(bystander.messages.at(-1)?.event).to.equal('stopped')
    })
  })

  describe('of a first start', () => {
    const interrupted = async () =>
      (await readdir(dataDir).catch(() => [])).filter((name) => /\.(initdb|probe)-/.test(name))

    it('starts from nothing again', async () => {
      const held = new HeldPostgres(dataDir)
      await waitUntil(async () => {
        const name = (await interrupted()).find((found) => found.includes('initdb'))
        return name !== undefined && (await readdir(join(dataDir, name))).includes('base')
      }, 30_000)
      await held.kill()
      expect(await readdir(dataDir)).not.to.include('postgres')

      const started = await start()
      expect(started).to.include({ firstStart: true, recovered: false })
      expect(await ask(started.databaseUrl, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    })

    it('removes what an interrupted one has left', async () => {
      await copyCluster(dataDir)
      for (const kind of ['initdb', 'probe']) {
        await mkdir(join(dataDir, `postgres.${kind}-abc123`, 'base'), { recursive: true })
      }
      await start()
      expect(await interrupted()).to.deep.equal([])
    })

    it('stops at once when it is told to, leaving nothing', async () => {
      const abort = new AbortController()
      const starting = startEmbeddedPostgres({
        dataDir,
        log: (line) => lines.push(line),
        signal: abort.signal,
      }).then(
        () => expect.fail('it started'),
        (error: unknown) => error,
      )
      await waitUntil(async () => (await interrupted()).join().includes('initdb'), 30_000)
      const reason = new Error('no longer wanted')
      abort.abort(reason)
      expect(await starting).to.equal(reason)
      expect(await interrupted()).to.deep.equal([])
      expect(await readdir(dataDir)).not.to.include('postgres')
    })
  })

  describe('of the server alone', () => {
    beforeEach(() => copyCluster(dataDir))

    const answers = (url: string) =>
      ask(url, 'SELECT 1').then(
        () => true,
        () => false,
      )

    it('is started again at the same address, as often as it takes', async () => {
      const { databaseUrl } = await start()
      await ask(databaseUrl, 'CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)')
      for (let time = 1; time <= 3; time++) {
        const before = await postmasterPid()
        process.kill(before, 'SIGKILL')
        await waitUntil(() => lines.length === 2 * time, 30_000)
        expect(await ask(databaseUrl, 'SELECT n FROM t')).to.deep.equal([{ n: 1 }])
        expect(await postmasterPid()).not.to.equal(before)
      }
      expect(lines.slice(0, 2)).to.deep.equal([
        'Postgres ended unexpectedly (signal SIGKILL). It is started again.',
        'Postgres is running again.',
      ])
    })

    it('goes on trying while something keeps it from starting', async () => {
      const { databaseUrl } = await start()
      const path = join(dataDir, 'postgres', 'global', 'pg_control')
      const good = await readFile(path)
      await writeFile(path, Buffer.alloc(good.length))
      await killServers(dataDir)
      await waitUntil(() => lines.some((line) => line.includes('did not start')), 30_000)
      await writeFile(path, good)
      expect(await waitUntil(() => answers(databaseUrl), 30_000)).to.equal(true)
      expect(lines.at(-1)).to.equal('Postgres is running again.')
    })

    it('waits for its port where another program has taken it meanwhile', async () => {
      const { databaseUrl, port } = await start()
      // It cannot start again before the other program has taken its port.
      const path = join(dataDir, 'postgres', 'global', 'pg_control')
      const good = await readFile(path)
      await writeFile(path, Buffer.alloc(good.length))
      await killServers(dataDir)
      await waitUntil(() => lines.some((line) => line.includes('did not start')), 30_000)
      const thief = createServer().listen(port, '127.0.0.1')
      await once(thief, 'listening')
      await writeFile(path, good)
      await waitUntil(() => lines.some((line) => line.includes(`Port ${port}`)), 30_000)
      thief.close()
      expect(await waitUntil(() => answers(databaseUrl), 30_000)).to.equal(true)
    })

    it('can be stopped while it is down', async () => {
      const { databaseUrl, stop } = await start()
      const path = join(dataDir, 'postgres', 'global', 'pg_control')
      await writeFile(path, Buffer.alloc((await readFile(path)).length))
      await killServers(dataDir)
      await waitUntil(() => lines.some((line) => line.includes('did not start')), 30_000)
      await stop()
      expect(await serversOn(dataDir)).to.deep.equal([])
      expect(await answers(databaseUrl)).to.equal(false)
    })
  })

  describe('of the machine, restored by root', () => {
    beforeEach(() => copyCluster(dataDir))

    it('gives the cluster back to the account that it runs as', async function () {
      const { stop } = await start()
      await stop()
      if (process.getuid?.() === 0) await chown(join(dataDir, 'postgres'), 0, 0)
      expect(await ask((await start()).databaseUrl, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    })
  })

  describe('of nothing, with a signal to the whole process group', () => {
    beforeEach(() => copyCluster(dataDir))

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`keeps the server until Tributary stops it: ${signal}`, async () => {
        const [held, { databaseUrl }] = await hold()
        const before = await serversOn(dataDir)
        held.signalGroup(signal)
        await held.next('signal')
        expect(await ask(databaseUrl, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
        expect(await serversOn(dataDir)).to.include.members(before)

        await held.stop()
        expect(await serversOn(dataDir)).to.deep.equal([])
        expect(await start()).to.include({ recovered: false })
      })
    }
  })
})
