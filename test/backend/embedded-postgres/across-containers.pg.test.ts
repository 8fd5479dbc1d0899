import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { skipBecause } from '../../support/skip-because.ts'
import { ask } from './ask.ts'
import { copyCluster, killServers, newFolder, removeFolders, serversOn } from './data-folders.ts'
import { HeldPostgres, killAllHeld } from './held-postgres.ts'

/** What separates two containers that share a volume. */
const CONTAINER = ['unshare', '--pid', '--ipc', '--net', '--fork', '--kill-child', '--mount-proc']
/** Longer than the holder's heartbeat was once waited for. */
const PAUSE_MS = 6_000

describe('the embedded Postgres, wanted from another container', function () {
  this.timeout(60_000)
  let dataDir: string

  before(function () {
    const [command = '', ...args] = [...CONTAINER, 'true']
    if (spawnSync(command, args).status !== 0) skipBecause(this, 'this user makes no containers')
  })
  beforeEach(async () => {
    dataDir = join(await newFolder(), 'data')
    await copyCluster(dataDir)
  })
  afterEach(async () => {
    await killAllHeld()
    await removeFolders()
  })

  const postmasterFile = () => readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')

  it('is refused while its Tributary is stopped, and untouched when that goes on', async () => {
    const first = new HeldPostgres(dataDir)
    const { databaseUrl } = await first.next('ready')
    await ask(databaseUrl, 'CREATE TABLE t (n int)')
    const [before, written] = [await serversOn(dataDir), await postmasterFile()]
    process.kill(first.pid, 'SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))

    const refused = await new HeldPostgres(dataDir, { prefix: CONTAINER }).next('refused')
    expect(refused).to.include({ code: 'data-dir-in-use', pid: first.pid })
    expect(refused.message).to.include('in another container')
    expect(await postmasterFile()).to.equal(written)

    process.kill(first.pid, 'SIGCONT')
    await ask(databaseUrl, 'INSERT INTO t VALUES (1)')
    expect(await serversOn(dataDir)).to.include.members(before.slice(0, 1))
    await first.stop()
    expect(first.messages.map(({ event }) => event)).to.deep.equal(['ready', 'stopped'])
  })

  it('is refused while a Postgres lives there whose Tributary was killed', async () => {
    const first = new HeldPostgres(dataDir)
    const { databaseUrl } = await first.next('ready')
    await ask(databaseUrl, 'CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)')
    await first.kill()
    const written = await postmasterFile()
    for (const pid of await serversOn(dataDir)) process.kill(pid, 'SIGSTOP')

    const refused = await new HeldPostgres(dataDir, { prefix: CONTAINER }).next('refused')
    expect(refused.code).to.equal('data-dir-in-use')
    expect(refused.message).to.include('or by the Postgres that it left there')
    expect(await postmasterFile()).to.equal(written)

    await killServers(dataDir)
    const second = new HeldPostgres(dataDir, { prefix: CONTAINER })
    expect(await second.next('ready')).to.include({ recovered: true })
    await second.stop()
  })

  it('is refused from outside as well, and taken at once when the container has ended', async () => {
    const inside = new HeldPostgres(dataDir, { prefix: CONTAINER })
    await inside.next('ready')
    const refused = await new HeldPostgres(dataDir).next('refused')
    expect(refused.code).to.equal('data-dir-in-use')
    await inside.kill()

    const began = performance.now()
    const outside = new HeldPostgres(dataDir)
    expect(await outside.next('ready')).to.include({ recovered: true })
    expect(performance.now() - began).to.be.below(10_000)
    await outside.stop()
    expect(outside.messages.map(({ event }) => event)).to.deep.equal(['log', 'ready', 'stopped'])
  })
})
