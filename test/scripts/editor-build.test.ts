import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildEditorIfStale } from '../../scripts/editor-build.ts'

describe('buildEditorIfStale, in an invented checkout', function () {
  this.timeout(60_000)
  let root: string
  let lines: string[]

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'editor-build-'))
    lines = []
    await put('frontend/index.html', '<script type="module" src="./main.ts"></script>')
    await put('frontend/main.ts', "document.title = 'first'")
    await put('frontend/vite.config.ts', 'export default { build: { assetsInlineLimit: 0 } }')
    await put('domain/clock.ts', 'export const now = 1')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const build = (force = false) =>
    buildEditorIfStale({ root, force, log: (line) => lines.push(line) })
  const builtScript = async (): Promise<string> => {
    const assets = join(root, 'frontend/dist/assets')
    const [name = ''] = await readdir(assets)
    return readFile(join(assets, name), 'utf8')
  }

  it('builds at the first start, and says so', async () => {
    const { built } = await build()
    expect(built).to.equal(true)
    expect(await builtScript()).to.include('first')
    expect(lines[0]).to.equal('Building the editor (first start)…')
    expect(lines[1]).to.match(/^The editor is built: [\d.]+ s\.$/)
  })

  it('builds no second time, whatever the times of the files say', async () => {
    await build()
    const later = new Date(Date.now() + 3_600_000)
    await utimes(join(root, 'frontend/main.ts'), later, later)
    expect(await build()).to.deep.equal({ built: false, seconds: 0 })
  })

  it('builds again when a source, a domain file or the lock file differs, or when forced', async () => {
    await build()
    for (const [path, text] of [
      ['frontend/main.ts', "document.title = 'second'"],
      ['domain/clock.ts', 'export const now = 2'],
      ['package-lock.json', '{}'],
    ] as const) {
      await put(path, text)
      expect(await build()).to.include({ built: true })
    }
    expect(await builtScript()).to.include('second')
    expect(await build(true)).to.include({ built: true })
  })

  it('leaves NODE_ENV as it was', async () => {
    const before = process.env['NODE_ENV']
    await build()
    expect(process.env['NODE_ENV']).to.equal(before)
  })

  it('keeps the editor that works when a build fails, and says where', async () => {
    await build()
    await put('frontend/main.ts', "import './absent.ts'")
    const error = await build().then(
      () => null,
      (reason: Error) => reason,
    )
    expect(error?.message).to.match(/^The editor could not be built\.\n[^]*absent\.ts/)
    expect(error?.message).not.to.include(root)
    expect(await builtScript()).to.include('first')
    expect(await readdir(join(root, 'frontend'))).to.have.members([
      'dist',
      'index.html',
      'main.ts',
      'vite.config.ts',
    ])
  })

  it('leaves one whole editor when two build at once', async () => {
    await Promise.all([build(), build(), build()])
    expect(await builtScript()).to.include('first')
    expect(await build()).to.include({ built: false })
    const left = (await readdir(join(root, 'frontend'))).filter((name) => name.startsWith('.'))
    expect(left).to.deep.equal([])
  })

  it('removes what an interrupted build left an hour ago, and spares one under way', async () => {
    await put('frontend/.dist-old/a.js', '')
    await put('frontend/.dist-young/a.js', '')
    const longAgo = new Date(Date.now() - 2 * 3_600_000)
    await utimes(join(root, 'frontend/.dist-old'), longAgo, longAgo)
    await build()
    expect(existsSync(join(root, 'frontend/.dist-old'))).to.equal(false)
    expect(existsSync(join(root, 'frontend/.dist-young'))).to.equal(true)
  })

  it('says what is missing in an incomplete checkout', async () => {
    await rm(join(root, 'frontend/vite.config.ts'))
    const error = await build().then(
      () => null,
      (reason: Error) => reason,
    )
    expect(error?.message).to.match(/vite\.config\.ts is missing/)
  })
})
