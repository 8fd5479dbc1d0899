import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { giveLifeSign, readLifeSigns } from '../../../backend/embedded-postgres/life-sign.ts'
import { skipBecause } from '../../support/skip-because.ts'

describe('a sign of life', () => {
  let folder: string
  const children: ChildProcess[] = []

  before(function () {
    if (process.platform !== 'linux') skipBecause(this, 'only Linux has realms that need it')
  })
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tributary-sign-'))))
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('lives until it is closed, and leaves nothing then', async () => {
    expect(await readLifeSigns(folder)).to.deep.equal({ living: [], dead: [] })
    const sign = (await giveLifeSign(folder))!
    expect(await readLifeSigns(folder)).to.deep.equal({ living: [sign.name], dead: [] })
    await sign.close()
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('lives on in a child that was stopped, and is dead with it', async () => {
    const sign = (await giveLifeSign(folder))!
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', sign.fd] })
    children.push(child)
    await once(child, 'spawn')
    child.kill('SIGSTOP')
    await sign.close()
    expect(await readLifeSigns(folder)).to.deep.equal({ living: [sign.name], dead: [] })
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await readLifeSigns(folder)).to.deep.equal({ living: [], dead: [sign.name] })
  })

  it('is believed also by those whom nobody answers any more', async () => {
    const sign = (await giveLifeSign(folder))!
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', sign.fd] })
    children.push(child)
    await once(child, 'spawn')
    await sign.close()
    // More than the kernel keeps waiting.
    for (let asked = 0; asked < 600; asked++) {
      expect((await readLifeSigns(folder)).dead, `time ${asked}`).to.deep.equal([])
    }
  }).timeout(20_000)

  it('can be given in a folder whose path is longer than an address of a socket', async () => {
    const deep = join(folder, 'x'.repeat(100), 'y'.repeat(100))
    await mkdir(deep, { recursive: true })
    const sign = (await giveLifeSign(deep))!
    expect((await readLifeSigns(deep)).living).to.deep.equal([sign.name])
    await sign.close()
    expect(await readdir(deep)).to.deep.equal([])
  })
})
