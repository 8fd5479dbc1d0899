import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runMocha } from '../support/mocha-process.ts'
import { countLine } from '../support/run-report.ts'
import { planShards, selectTestFiles } from '../support/test-files.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const skipBecause = fileURLToPath(new URL('../support/skip-because.ts', import.meta.url))

describe('npm test, on invented test files', function () {
  this.timeout(60_000)
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'invented-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const invent = (name: string, source: string): string => {
    const path = join(folder, name)
    writeFileSync(path, source)
    return path
  }

  const start = (...args: string[]) => {
    const argv = ['--import=tsx', 'test/support/run.ts', '--folder', folder, ...args]
    return spawn(process.execPath, argv, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  }

  const run = async (...args: string[]): Promise<{ code: number; lines: string[] }> => {
    const child = start(...args)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const code = await new Promise<number>((resolve) => child.once('close', resolve))
    return { code, lines: output.trimEnd().split('\n') }
  }

  /** A test that hangs for ever, with a child whose every beat of the heart lengthens a file. */
  const inventHanging = (how: string): { beats: () => number } => {
    const path = join(folder, 'beats')
    const heart = `setInterval(() => require('fs').appendFileSync('${path}', '.'), 20)`
    const source = [
      "import { spawn } from 'node:child_process'",
      "it('hangs', async () => {",
      `  spawn(process.execPath, ['-e', ${JSON.stringify(heart)}])`,
      `  ${how}`,
      '})',
    ]
    invent('a.test.ts', source.join('\n'))
    return { beats: () => (existsSync(path) ? statSync(path).size : 0) }
  }

  it('exits 0 with the count as its last line when all pass', async () => {
    invent('a.test.ts', "it('holds', () => {})\nit('holds too', () => {})")
    const { code, lines } = await run()
    expect(lines.at(-1)).to.equal('2 passed, 0 failed')
    expect(code).to.equal(0)
  })

  it('counts failures, crashes and files that do not load, and still runs the others', async () => {
    invent('a.test.ts', "it('breaks', () => { throw new Error('a sentence about it') })")
    invent('b.test.ts', "it('dies', () => process.kill(process.pid, 'SIGKILL'))")
    invent('c.test.ts', "import './absent.ts'")
    invent('d.test.ts', "it('holds', () => {})")
    const { code, lines } = await run()
    expect(lines.at(-1)).to.equal('1 passed, 3 failed')
    expect(code).to.equal(1)
    const text = lines.join('\n')
    expect(text).to.include('a sentence about it')
    expect(text).to.include("-f 'breaks'")
    expect(text).to.match(/ended by (signal SIGKILL|exit code 137)/)
    expect(text).to.match(/c\.test\.ts › \(loading the file\)[^]*absent\.ts/)
  })

  it('shows the reason of a skipped test', async () => {
    const source = [
      `import { skipBecause } from '${skipBecause}'`,
      "it('holds', () => {})",
      "it('waits', function () { skipBecause(this, 'the moon is not up') })",
      "describe('all of it', () => {",
      "  before(function () { skipBecause(this, 'nor is the sun') })",
      "  it('waits as well', () => {})",
      '})',
    ]
    invent('a.test.ts', source.join('\n'))
    const { code, lines } = await run()
    expect(lines.at(-1)).to.equal('1 passed, 0 failed, 2 skipped')
    expect(lines.join('\n')).to.include('the moon is not up').and.include('nor is the sun')
    expect(code).to.equal(0)
  })

  it('fails when nothing ran', async () => {
    invent('a.test.ts', "it('holds', () => {})")
    const { code, lines } = await run('no-such-path')
    expect(lines.at(-1)).to.equal('0 passed, 0 failed')
    expect(code).to.equal(1)
  })

  it('fails a focused test, which would hide the others', async () => {
    invent('a.test.ts', "it.only('holds', () => {})\nit('breaks', () => { throw new Error() })")
    const { code, lines } = await run()
    expect(lines.at(-1)).to.equal('0 passed, 1 failed')
    expect(code).to.equal(1)
  })

  it('ends the whole run when its time is over', async () => {
    inventHanging('for (;;) continue')
    const { code, lines } = await run('--minutes', '0.01')
    expect(lines.at(-1)).to.equal('0 passed, 1 failed')
    expect(code).to.equal(1)
  })

  it('ends a process that hangs, with all that it started, when it is asked to end', async () => {
    const { beats } = inventHanging('for (;;) continue')
    const child = start()
    const closed = once(child, 'close')
    while (beats() === 0) await wait(50)
    child.kill('SIGTERM')
    expect(await closed).to.deep.equal([1, null])
    const after = beats()
    await wait(300)
    expect(beats()).to.equal(after)
  })

  it('leaves no process behind when it is itself killed', async () => {
    const { beats } = inventHanging('await new Promise(() => {})')
    const child = start()
    while (beats() === 0) await wait(50)
    child.kill('SIGKILL')
    let [before, now] = [-1, beats()]
    while (now !== before) {
      await wait(300)
      ;[before, now] = [now, beats()]
    }
  })

  it('ends a mocha process at its own time limit', async () => {
    const path = invent('a.test.ts', "it('hangs', () => { for (;;) continue })")
    const own = join(folder, 'own')
    mkdirSync(own)
    const stop = new AbortController().signal
    const outcome = await runMocha([path], { folder: own, limitMs: 1_500, stop, onEvent: () => {} })
    expect(outcome.brokeBy).to.equal('its time limit of 1.5 s')
  })
})

describe('the plan of a test run', () => {
  const files = [
    { path: '/house/test/domain/clock.test.ts', group: 'unit' as const },
    { path: '/house/test/domain/events.test.ts', group: 'unit' as const },
    { path: '/house/test/backend/log.pg.test.ts', group: 'pg' as const },
    { path: '/house/test/frontend/canvas.browser.test.ts', group: 'browser' as const },
  ]

  it('holds every file once, and no two groups in one process', () => {
    const shards = planShards(files)
    expect(shards.flatMap(({ paths }) => paths)).to.have.members(files.map(({ path }) => path))
    expect(shards.map(({ group }) => group)).to.deep.equal(['browser', 'pg', 'unit'])
  })

  it('selects by group, by part of the path, and by both', () => {
    const selected = (...words: string[]): string[] =>
      selectTestFiles(files, words).map(({ path }) => path.replace('/house/test/', ''))
    expect(selected('pg')).to.deep.equal(['backend/log.pg.test.ts'])
    expect(selected('domain')).to.deep.equal(['domain/clock.test.ts', 'domain/events.test.ts'])
    expect(selected('unit', 'events', 'log')).to.deep.equal(['domain/events.test.ts'])
    expect(selected()).to.have.length(4)
  })

  it('counts in one form', () => {
    const result = { file: '', title: '', detail: '' }
    expect(countLine([])).to.equal('0 passed, 0 failed')
    expect(countLine([{ ...result, outcome: 'skipped' }])).to.equal('0 passed, 0 failed, 1 skipped')
  })
})
