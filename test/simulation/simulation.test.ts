import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { breakages } from './breakages.ts'
import { failedOnce } from './failed-once.ts'
import { run } from './run.ts'
import { scriptOf } from './script.ts'
import { shrink } from './shrink.ts'
import { HAPPENINGS, noCounts, type Happening } from './witness.ts'

const SEEDS = Array.from({ length: 24 }, (_, n) => n + 1)
/** Some of what they are to withstand comes about in one seed of a hundred. */
const MORE_SEEDS = 200
const PROGRAM = fileURLToPath(new URL('simulate.ts', import.meta.url))

/** `npm run simulate` as a process of its own; what it printed as JSON, and how it ended. */
async function simulate(...args: string[]) {
  const program = promisify(execFile)(process.execPath, [
    ...['--import=tsx', PROGRAM, '--json', '--processes', '1', ...args],
  ])
  const { stdout, code } = await program.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  )
  return { code, ...(JSON.parse(stdout) as { seeds: number; failures: number[] }) }
}

describe('devices and a server under faults', function () {
  this.timeout(300_000)
  const total = noCounts()
  const everHappened = new Set<Happening>()

  for (const seed of SEEDS) {
    it(`agree and heal: seed ${seed}`, async () => {
      const { counts, happened, failure } = await run({ seed })
      if (failure) throw new Error(`npm run simulate -- --seed ${seed}`, { cause: failure })
      for (const what of happened.keys()) everHappened.add(what)
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name]
    })
  }

  for (const { seed, found, script } of failedOnce) {
    it(`agree and heal: seed ${seed}, where ${found}`, async () => {
      const { failure } = await run({ seed, ...(script && { script }) })
      if (failure) throw new Error(`npm run simulate -- --seed ${seed}`, { cause: failure })
    })
  }

  it('went through what they are to withstand, in these seeds or the ones after', async () => {
    for (const [what, count] of Object.entries(total)) expect(count, what).to.be.greaterThan(0)
    const missing = () => HAPPENINGS.filter((what) => !everHappened.has(what))
    for (let seed = SEEDS.length + 1; seed <= MORE_SEEDS && missing().length > 0; seed++) {
      const { happened, failure } = await run({ seed })
      if (failure) throw new Error(`npm run simulate -- --seed ${seed}`, { cause: failure })
      for (const what of happened.keys()) everHappened.add(what)
    }
    expect(missing()).to.deep.equal([])
  })

  it('do the same again for the same seed', async () => {
    const [first, second] = [await run({ seed: 3 }), await run({ seed: 3 })]
    expect(second.counts).to.deep.equal(first.counts)
    expect(scriptOf(3)).to.deep.equal(scriptOf(3))
  })
})

describe('a rule that is broken on purpose', function () {
  this.timeout(300_000)

  for (const [name, { what }] of Object.entries(breakages)) {
    it(`is noticed within 100 seeds: ${what}`, async () => {
      const { code, failures, seeds } = await simulate(
        '--seeds',
        '100',
        '--minutes',
        '4',
        '--break',
        name,
      )
      expect({ code, failed: failures.length }, `${seeds} seeds`).to.deep.equal({
        code: 1,
        failed: 1,
      })
    })
  }
})

describe('cutting a failing script down', () => {
  it('keeps what it takes to fail, and nothing else', async () => {
    const all = Array.from({ length: 40 }, (_, n) => n)
    const fails = async (kept: readonly number[]) => [3, 17, 31].every((n) => kept.includes(n))
    expect(await shrink(all, fails, 10_000)).to.deep.equal([3, 17, 31])
  })
})
