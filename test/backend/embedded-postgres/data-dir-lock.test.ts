import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  DataDirInUse,
  lockDataDir,
  lockHolder,
  watchMs,
  type DataDirLock,
} from '../../../backend/embedded-postgres/data-dir-lock.ts'
import { giveLifeSign } from '../../../backend/embedded-postgres/life-sign.ts'
import { skipBecause } from '../../support/skip-because.ts'
import { TSX } from './held-postgres.ts'
import { processRealm, processStart } from '../../../backend/embedded-postgres/process-start.ts'

const CONTENDER = fileURLToPath(new URL('claim-data-dir.ts', import.meta.url))

describe('the lock of a data folder', function () {
  this.timeout(60_000)

  let folder: string
  const held: DataDirLock[] = []
  const children: ChildProcess[] = []
  const lock = async () => {
    const taken = await lockDataDir(folder, '/the/data', { onLost: () => undefined })
    held.push(taken)
    return taken
  }
  const refusal = () =>
    lock().then(
      () => expect.fail('it was taken'),
      (error: unknown) => error as DataDirInUse,
    )
  const claims = async () => (await readdir(folder)).filter((name) => !name.startsWith('alive-'))
  const leaveClaim = async (claim: string | object) => {
    const text = typeof claim === 'string' ? claim : `${JSON.stringify(claim)}\n`
    await writeFile(join(folder, '7'), text)
  }

  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tributary-lock-'))))

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await Promise.all(held.splice(0).map((taken) => taken.release()))
    await rm(folder, { recursive: true, force: true })
  })

  describe('on a folder that nobody holds', () => {
    it('is taken, and names its holder', async () => {
      expect(await lockHolder(folder)).to.equal(null)
      expect((await lock()).afterCrash).to.equal(false)
      expect(await lockHolder(folder)).to.equal(process.pid)
    })

    it('is taken again after it was released, with one file to show for it', async () => {
      for (let round = 1; round <= 5; round++) {
        const taken = await lock()
        expect(taken.afterCrash).to.equal(false)
        expect(await claims()).to.have.length(1)
        await taken.release()
        expect(await readdir(folder)).to.have.length(1)
        expect(await lockHolder(folder)).to.equal(null)
      }
    })
  })

  describe('on a folder that a living process holds', () => {
    it('is refused with the pid and with what to do', async () => {
      await lock()
      const error = await refusal()
      expect(error).to.be.an.instanceOf(DataDirInUse)
      expect(error).to.include({ code: 'data-dir-in-use', pid: process.pid })
      expect(error.message).to.equal(
        `DATA_DIR /the/data is in use by another Tributary (process ${process.pid}). ` +
          'Stop that one first, or give this one a folder of its own with DATA_DIR.',
      )
      expect(await lockHolder(folder)).to.equal(process.pid)
    })
  })

  describe('on a folder whose holder is gone', () => {
    it('is taken from a process that was killed', async () => {
      const child = await contender()
      expect(await child.go()).to.equal('won')
      expect(await refusal()).to.include({ pid: child.process.pid })
      child.process.kill('SIGKILL')
      await once(child.process, 'close')
      expect((await lock()).afterCrash).to.equal(true)
    })

    it('is taken when the pid belongs to another process by now', async () => {
      await leaveClaim({ pid: process.pid, started: '1', realm: await processRealm() })
      expect(await lockHolder(folder)).to.equal(null)
      expect((await lock()).afterCrash).to.equal(true)
    })

    it('is taken from a zombie, which lives on only as a number', async function () {
      if (process.platform !== 'linux')
        skipBecause(this, 'zombies are made with the tools of Linux')
      // The shell never asks how its child ended, since it has become another program.
      const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'])
      children.push(parent)
      const [output] = (await once(parent.stdout, 'data')) as [Buffer]
      const pid = Number(output.toString())
      const started = await processStart(pid)
      while ((await readFile(`/proc/${pid}/stat`, 'utf8')).includes(' Z ') === false) {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await leaveClaim({ pid, started, realm: await processRealm() })
      expect((await lock()).afterCrash).to.equal(true)
    })

    for (const [what, claim] of [
      ['an empty claim, cut off while it was made', ''],
      ['a claim that is cut off in the middle', '{"pid":12'],
      ['a claim of another form', '{"owner":"me"}\n'],
    ] as const) {
      it(`is taken over ${what}`, async () => {
        await leaveClaim(claim)
        expect((await lock()).afterCrash).to.equal(true)
        expect(await claims()).to.deep.equal(['8'])
      })
    }
  })

  describe('on a folder that was held in another container of this machine', () => {
    const elsewhere = async (sign: string | null) => {
      const [boot] = (await processRealm()).split(' ')
      return { pid: 1, started: '1', realm: `${boot} pid:[1]`, sign, released: false }
    }

    before(function () {
      if (process.platform !== 'linux') skipBecause(this, 'there are no containers but on Linux')
    })

    it('is refused at once while a process lives there, though nothing is heard of it', async () => {
      const sign = (await giveLifeSign(folder))!
      for (const claim of [await elsewhere(sign.name), '"released"\n', '']) {
        await leaveClaim(claim)
        await utimes(join(folder, '7'), new Date(0), new Date(0))
        const error = await refusal()
        expect(error).to.include({ code: 'data-dir-in-use' })
        expect(error.message).to.include('in another container or on another machine')
      }
      await sign.close()
    })

    it('is taken at once when none lives, though its claim was touched just now', async () => {
      const child = await contender()
      expect(await child.go()).to.equal('won')
      const [sign = ''] = (await readdir(folder)).filter((name) => name.startsWith('alive-'))
      child.process.kill('SIGKILL')
      await once(child.process, 'close')
      await leaveClaim(await elsewhere(sign))
      const began = performance.now()
      expect((await lock()).afterCrash).to.equal(true)
      expect(performance.now() - began).to.be.below(2_000)
      expect(await readdir(folder)).not.to.include(sign)
    })

    it('is not taken at once when the sign of its holder was removed', async () => {
      await leaveClaim(await elsewhere('alive-removed'))
      const signal = AbortSignal.timeout(500)
      const taken = lockDataDir(folder, '/the/data', { onLost: () => undefined, signal })
      expect(await taken.catch((error: unknown) => error)).to.equal(signal.reason)
    })
  })

  describe('on a folder that was held on another machine', () => {
    const foreign = { pid: 1, started: '1', realm: 'elsewhere' }

    it('is taken after some seconds when it was last heard before this machine started', async () => {
      await leaveClaim(foreign)
      await utimes(join(folder, '7'), new Date(0), new Date(0))
      expect((await lock()).afterCrash).to.equal(true)
    })

    it('is watched for a minute when it was heard since, which is told', async () => {
      expect(watchMs(999, 1_000)).to.equal(5_000)
      expect(watchMs(1_001, 1_000)).to.equal(60_000)
      await leaveClaim(foreign)
      const lines: string[] = []
      const log = (line: string) => void lines.push(line)
      const signal = AbortSignal.timeout(7_000)
      const taken = lockDataDir(folder, '/the/data', { onLost: () => undefined, log, signal })
      expect(await taken.catch((error: unknown) => error)).to.equal(signal.reason)
      expect(lines).to.have.length(1)
      expect(lines[0]).to.include('on another machine').and.include('60 s')
    })

    it('is refused when its holder shows that it lives', async () => {
      await leaveClaim(foreign)
      const beats = setInterval(() => void utimes(join(folder, '7'), new Date(), new Date()), 500)
      const error = await refusal()
      clearInterval(beats)
      expect(error).to.include({ code: 'data-dir-in-use', pid: 1 })
      expect(error.message).to.include('in another container or on another machine')
    })

    it('shows those elsewhere that we live', async () => {
      await lock()
      const [name = ''] = await claims()
      const past = new Date(0)
      await utimes(join(folder, name), past, past)
      while ((await stat(join(folder, name))).mtimeMs === 0) {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    })
  })

  describe('on a folder that is taken away', () => {
    const lossOf = async (rob: () => Promise<void>) => {
      let lost = 0
      held.push(await lockDataDir(folder, '/the/data', { onLost: () => void lost++ }))
      await rob()
      while (lost === 0) await new Promise((resolve) => setTimeout(resolve, 50))
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      return lost
    }

    it('tells its holder once when the claim is gone', async () => {
      expect(await lossOf(async () => rm(join(folder, '1')))).to.equal(1)
    })

    it('tells it also when somebody else has the number by now, and leaves that alone', async () => {
      const theirs = '{"pid":1,"started":"1","realm":"elsewhere"}\n'
      expect(await lossOf(async () => writeFile(join(folder, '1'), theirs))).to.equal(1)
      await held.pop()?.release()
      expect(await readFile(join(folder, '1'), 'utf8')).to.equal(theirs)
    })
  })

  describe('wanted by many at the same moment', () => {
    it('goes to exactly one, over and over, whatever the last holder left', async () => {
      const dead = { pid: process.pid, started: '1', realm: await processRealm() }
      for (let round = 0; round < 100; round++) {
        const before = await claims()
        if (round % 2 === 1) await writeFile(join(folder, before[0]!), `${JSON.stringify(dead)}\n`)
        const results = await Promise.allSettled(Array.from({ length: 8 }, lock))
        const winners = results.filter(({ status }) => status === 'fulfilled')
        expect(winners, `round ${round}`).to.have.length(1)
        for (const result of results) {
          if (result.status === 'rejected') {
            expect(result.reason).to.be.an.instanceOf(DataDirInUse)
          }
        }
        expect(await claims()).to.have.length(1)
        for (const taken of held.splice(0)) await taken.release()
      }
    })

    it('goes to exactly one of several processes, also after the last was killed', async () => {
      for (let round = 1; round <= 2; round++) {
        const all = await Promise.all(Array.from({ length: 4 }, contender))
        const said = await Promise.all(all.map((each) => each.go()))
        expect(said.filter((word) => word === 'won')).to.have.length(1)
        expect(said.filter((word) => word === 'data-dir-in-use')).to.have.length(3)
        for (const { process: child } of all) {
          child.kill('SIGKILL')
          await once(child, 'close')
        }
      }
    })
  })

  async function contender() {
    const child = spawn(process.execPath, ['--import', TSX, CONTENDER, folder])
    children.push(child)
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    await lines.next()
    return {
      process: child,
      async go(): Promise<string> {
        child.stdin.write('go\n')
        return String((await lines.next()).value)
      },
    }
  }
})
