import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { io } from 'socket.io-client'
import { testDatabase, type TestDatabase } from '../support/postgres.ts'
import { skipBecause } from '../support/skip-because.ts'
import { serversOn } from './embedded-postgres/data-folders.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START = join(ROOT, 'scripts/start.ts')

interface Program {
  readonly child: ChildProcess
  stdout: string
  stderr: string
  /** The code that it ended with, or the signal. */
  readonly ended: Promise<number | string | null>
}

describe('the program', function () {
  this.timeout(120_000)
  let database: TestDatabase
  let dataDir: string
  let programs: Program[]

  beforeEach(async () => {
    database = await testDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'tributary-main-'))
    programs = []
  })
  afterEach(async () => {
    for (const { child, ended } of programs) {
      child.kill('SIGKILL')
      await ended
    }
    await database.drop()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })

  const environment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
    ...process.env,
    ...{ PORT: '0', DATA_DIR: dataDir, DATABASE_URL: database.url },
    ...env,
  })

  function watch(child: ChildProcess): Program {
    const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
    const program: Program = { child, stdout: '', stderr: '', ended }
    child.stdout?.on('data', (text) => (program.stdout += String(text)))
    child.stderr?.on('data', (text) => (program.stderr += String(text)))
    programs.push(program)
    return program
  }

  const start = (words: string[], env: NodeJS.ProcessEnv = {}): Program =>
    watch(spawn(process.execPath, words, { cwd: ROOT, env: environment(env) }))

  const run = (env: NodeJS.ProcessEnv = {}, ...words: string[]): Program =>
    start(['--import=tsx', START, '--skip-build', ...words], env)

  async function ready(program: Program): Promise<string> {
    const { child } = program
    while (!program.stdout.includes(' is ready at ') && child.exitCode === null) {
      await Promise.race([once(child.stdout!, 'data'), program.ended])
    }
    const [, url] = /^Tributary is ready at (\S+)\n/m.exec(program.stdout) ?? []
    if (!url) throw new Error(`it did not start: ${program.stderr}`)
    return url
  }

  it('says in one line where it is, answers there, and ends cleanly at a signal', async () => {
    const program = run()
    const url = await ready(program)
    expect(program.stdout).to.match(/^Tributary is ready at http:\/\/localhost:\d+\n$/)
    expect((await fetch(`${url}/readyz`)).status).to.equal(200)
    // Neither a device nor a browser that keeps its connection stands in the way of the end.
    const device = io(`${url}/sync`, { auth: {}, reconnection: false, transports: ['websocket'] })
    await new Promise((resolve) => device.once('connect_error', resolve))
    program.child.kill('SIGTERM')
    expect(await program.ended).to.equal(0)
    device.close()
  })

  it('keeps people signed in over a restart, with the secret that it made', async () => {
    const first = run()
    const form = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' }
    const signedUp = await fetch(`${await ready(first)}/api/auth/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(form),
    })
    const { token, user } = (await signedUp.json()) as { token: string; user: object }
    first.child.kill('SIGINT')
    expect(await first.ended).to.equal(0)
    const again = await ready(run())
    const me = await fetch(`${again}/api/me`, { headers: { authorization: `Bearer ${token}` } })
    expect(await me.json()).to.deep.include({ user })
  })

  it('finishes what a process left undone that was killed after a sign-up was written', async () => {
    const first = run()
    const url = await ready(first)
    const { default: pg } = await import('pg')
    const client = new pg.Client(database.url)
    await client.connect()
    // What a process leaves that dies between the account and the log.
    await client.query('ALTER TABLE log.event RENAME TO event_away')
    const form = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' }
    const answer = await fetch(`${url}/api/auth/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(form),
    })
    expect(answer.status).to.be.within(500, 503)
    first.child.kill('SIGKILL')
    await first.ended
    await client.query('ALTER TABLE log.event_away RENAME TO event')
    const accounts = await client.query('SELECT count(*)::int AS n FROM auth.account')
    expect(accounts.rows).to.deep.equal([{ n: 1 }])
    await client.end()

    const again = await ready(run())
    const signedIn = await fetch(`${again}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: form.email, password: form.password }),
    })
    const body = (await signedIn.json()) as { user: object; teams: object[] }
    expect(body.user).to.include({ name: 'Ada' })
    expect(body.teams).to.have.length(1)
    expect(body.teams[0]).to.include({ name: "Ada's team", role: 'owner' })
  })

  it('stops at a port that is taken, with what to do', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const program = run({ PORT: String(port) })
    expect(await program.ended).to.equal(1)
    taken.close()
    expect(program.stderr.trim()).to.match(new RegExp(`^Port ${port} on 127.0.0.1 is in use.*PORT`))
    expect(program.stdout).to.equal('')
  })

  it('stops at an address that it cannot have before it touches the data folder', async () => {
    const program = run({ DATABASE_URL: '', HOST: '192.0.2.1' })
    expect(await program.ended).to.equal(1)
    expect(program.stderr).to.match(/^HOST is "192.0.2.1", which is no address of this machine/)
    expect(await readdir(dataDir)).to.deep.equal([])
  })

  it('stops at a wrong setting, in one line', async () => {
    const program = run({ PORT: 'http' })
    expect(await program.ended).to.equal(1)
    expect(program.stderr.trim().split('\n')).to.have.length(1)
    expect(program.stderr).to.match(/^PORT .*"http"/)
  })

  it('stops at a database that does not answer, without telling its password', async () => {
    const program = run({ DATABASE_URL: 'postgres://ada:hunter22@127.0.0.1:9/x' })
    expect(await program.ended).to.equal(1)
    expect(program.stderr).to.match(/^DATABASE_URL cannot be used: .*ECONNREFUSED/)
    expect(program.stderr).not.to.contain('hunter22')
  })

  it('lists its settings', async () => {
    const program = run({ PORT: 'http' }, '--help')
    expect(await program.ended).to.equal(0)
    expect(program.stdout).to.contain('RETRY_INTERVALS').and.to.contain('DATABASE_URL')
  })

  it('knows no words but that one', async () => {
    const program = run({}, 'now')
    expect(await program.ended).to.equal(1)
    expect(program.stderr).to.contain('There is no now here')
  })

  it('runs on a Postgres of its own, which no second one may take', async () => {
    const own = { DATABASE_URL: '' }
    const first = run(own)
    const url = await ready(first)
    expect((await fetch(`${url}/readyz`)).status).to.equal(200)
    const second = run(own)
    expect(await second.ended).to.equal(1)
    expect(second.stderr).to.contain('is in use by another Tributary')
    first.child.kill('SIGTERM')
    expect(await first.ended).to.equal(0)
    const again = run(own)
    await ready(again)
    again.child.kill('SIGTERM')
    expect(await again.ended).to.equal(0)
  })

  it('ends itself, with the reason, when its data folder is taken away', async () => {
    const program = run({ DATABASE_URL: '' })
    await ready(program)
    await rm(join(dataDir, 'tributary.lock'), { recursive: true })
    expect(await program.ended).to.equal(1)
    expect(program.stderr).to.contain(dataDir).and.to.contain('taken over by another Tributary')
    expect(await serversOn(dataDir)).to.deep.equal([])
  })

  it('says so when it is ended while it is still being loaded', async () => {
    // The signal comes at the moment in which the words of the command line are read.
    const program = start(['--import=tsx', `--import=${SIGNAL_AT_WORDS}`, START, '--skip-build'])
    expect(await program.ended).to.equal(1)
    expect(program.stderr).to.equal('Stopped before the start was over.\n')
  })

  it('says so when it is ended while it starts, and leaves the folder to the next one', async () => {
    const own = { DATABASE_URL: '' }
    const program = run(own)
    while ((await readdir(dataDir)).length === 0 && program.child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    program.child.kill('SIGTERM')
    expect(await program.ended).to.equal(1)
    expect(program.stderr).to.contain('Stopping at SIGTERM.')
    expect(program.stderr).to.match(/^Stopped before the start was over\.$/m)
    expect(await serversOn(dataDir)).to.deep.equal([])
    await ready(run(own))
  })

  it('ends cleanly within three seconds when the npm that started it is ended', async function () {
    if (process.platform === 'win32') skipBecause(this, 'a parent keeps its number there')
    const npm = spawn('npm', ['start', '--', '--skip-build'], {
      cwd: ROOT,
      env: environment({}),
      detached: true,
    })
    try {
      const program = watch(npm)
      const url = await ready(program)
      npm.kill('SIGTERM')
      const began = performance.now()
      // The last that holds the pipes is the server.
      await Promise.race([once(npm, 'close'), new Promise((late) => setTimeout(late, 10_000))])
      expect(performance.now() - began).to.be.below(3_000)
      expect(program.stderr).to.contain('Stopping, since the npm that started this has ended.')
      expect(await fetch(url).catch((error: Error) => error)).to.be.an('error')
    } finally {
      endGroup(npm)
    }
  })
})

/** Sends the process that it is imported into a SIGTERM when commander reads its command line. */
const SIGNAL_AT_WORDS = `data:text/javascript,${encodeURIComponent(`
  const words = process.argv
  Object.defineProperty(process, 'argv', {
    get() {
      if (new Error().stack.includes('commander')) process.kill(process.pid, 'SIGTERM')
      return words
    },
  })
`)}`

function endGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL')
  } catch {
    // All of it has ended, as it should.
  }
}
