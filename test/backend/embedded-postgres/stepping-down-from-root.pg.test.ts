import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { chmod, chown, cp, lstat, mkdir, readdir, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binariesAt, findBinaries } from '../../../backend/embedded-postgres/binaries.ts'
import { shareBinaries } from '../../../backend/embedded-postgres/shared-binaries.ts'
import { skipBecause } from '../../support/skip-because.ts'
import { ask } from './ask.ts'
import { copyCluster, newFolder, newOpenFolder, removeFolders, serversOn } from './data-folders.ts'
import { HeldPostgres, killAllHeld, type HoldOptions } from './held-postgres.ts'

/** What Docker gives to the root of a container by default. */
const CONTAINER = 'chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service'
/** An account that is on every system and owns nothing. */
const NOBODY = 65534
const ROOM = fileURLToPath(new URL('../../../backend/embedded-postgres', import.meta.url))
const SCRIPT = fileURLToPath(new URL('hold-embedded-postgres.ts', import.meta.url))

describe('the embedded Postgres, by who starts it', function () {
  this.timeout(60_000)

  before(function () {
    if (process.getuid?.() !== 0 || process.platform !== 'linux') {
      skipBecause(this, 'only root on Linux can become everybody')
    }
  })

  afterEach(async () => {
    await killAllHeld()
    await removeFolders()
  })

  const withCapabilities = (names: string) => {
    const kept = names.split(' ').map((name) => name && `,+${name}`)
    return ['setpriv', `--bounding-set=-all${kept.join('')}`, '--inh-caps=-all']
  }
  const ownerOf = async (path: string) => (await stat(path)).uid

  /** A whole life: first start, a crash of both, recovery, stop. */
  async function expectWorks(dataDir: string, options: HoldOptions = {}): Promise<void> {
    const first = new HeldPostgres(dataDir, options)
    const { databaseUrl, firstStart } = await first.next('ready')
    expect(firstStart).to.equal(true)
    await ask(databaseUrl, 'CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)')
    await first.kill()

    const second = new HeldPostgres(dataDir, options)
    const recovered = await second.next('ready')
    expect(recovered).to.include({ firstStart: false, recovered: true })
    expect(await ask(recovered.databaseUrl, 'SELECT n FROM t')).to.deep.equal([{ n: 1 }])
    await second.stop()
    expect(await serversOn(dataDir)).to.deep.equal([])
  }

  describe('as root', () => {
    it('works with the rights of a plain container, below folders of mode 0700, and changes none', async () => {
      const closed = join(await newFolder(), 'closed')
      const dataDir = join(closed, `it's "a" dir with spaces`)
      await mkdir(dataDir, { recursive: true, mode: 0o700 })
      await expectWorks(dataDir, { prefix: withCapabilities(CONTAINER) })
      for (const path of [closed, dataDir]) {
        const { uid, mode } = await stat(path)
        expect({ uid, mode: mode & 0o777 }).to.deep.equal({ uid: 0, mode: 0o700 })
      }
      expect(await ownerOf(join(dataDir, 'postgres.password'))).to.equal(0)
      expect(await ownerOf(join(dataDir, 'postgres'))).to.be.greaterThan(0)
    })

    it('runs the server as an account without any rights', async () => {
      const dataDir = await newFolder()
      await copyCluster(dataDir)
      const held = new HeldPostgres(dataDir)
      await held.next('ready')
      const [pid] = await serversOn(dataDir)
      const status = spawnSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }).stdout
      expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).not.to.equal('0')
      expect(/^CapEff:\t(\S+)/m.exec(status)?.[1]).to.equal('0000000000000000')
      expect(/^Groups:\t(.*)$/m.exec(status)?.[1]?.trim()).to.equal('')
      await held.stop()
    })

    it('keeps the account that owns the cluster, though the system does not know it', async () => {
      const dataDir = await newFolder()
      await copyCluster(dataDir)
      spawnSync('chown', ['-R', '54321:54321', join(dataDir, 'postgres')])
      const held = new HeldPostgres(dataDir)
      const { databaseUrl } = await held.next('ready')
      expect(await ask(databaseUrl, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
      await held.stop()
      expect(await ownerOf(join(dataDir, 'postgres', 'PG_VERSION'))).to.equal(54321)
    })

    it('works from a checkout in a closed folder, as below /root', async function () {
      if (spawnSync('unshare', ['--mount', 'true']).status !== 0) {
        skipBecause(this, 'this root may not mount, and the caches of the system are not ours')
      }
      // With empty caches of its own, so that nothing is left behind and nobody else is disturbed.
      const mount = 'mount -t tmpfs none /var/cache && exec "$@"'
      const prefix = ['unshare', '--mount', 'sh', '-c', mount, 'sh']
      await expectWorks(await newFolder(), { prefix, script: await closedCheckout() })
    })

    it('works where root may neither change owners nor become somebody else', async function () {
      requireNamespaces(this)
      const dataDir = await newFolder()
      await expectWorks(dataDir, { prefix: withCapabilities('setfcap') })
      expect(await ownerOf(join(dataDir, 'postgres'))).to.equal(0)
    })

    it('works for a root that is an ordinary user outside', async function () {
      requireNamespaces(this)
      const dataDir = join(await newOpenFolder(), 'data')
      await mkdir(dataDir, { mode: 0o700 })
      await chown(dataDir, NOBODY, NOBODY)
      await expectWorks(dataDir, {
        prefix: ['unshare', '--user', '--map-root-user', '--'],
        uid: NOBODY,
        env: { TMPDIR: dataDir },
      })
      expect(await ownerOf(join(dataDir, 'postgres'))).to.equal(NOBODY)
    })

    it('says what to do where nothing of this is possible', async () => {
      const dataDir = await newFolder()
      const env = { PATH: '/nowhere' }
      const prefix = ['/usr/bin/env', '/usr/bin/setpriv', ...withCapabilities('').slice(1)]
      const refused = await new HeldPostgres(dataDir, { prefix, env }).next('refused')
      expect(refused.code).to.equal('postgres-as-root')
      expect(refused.message).to.match(/^Postgres refuses to run as root/)
      expect(refused.message).to.include('as an ordinary user').and.include('set DATABASE_URL')
      expect(await readdir(dataDir)).to.deep.equal(['tributary.lock'])
    })
  })

  describe('as an ordinary user', () => {
    const asNobody = (dataDir: string) => ({ uid: NOBODY, env: { TMPDIR: dirname(dataDir) } })

    before(function () {
      const readable = spawnSync('test', ['-r', SCRIPT], { uid: NOBODY, gid: NOBODY })
      if (readable.status !== 0) skipBecause(this, 'only root can enter this checkout')
    })

    it('works', async () => {
      const parent = await newOpenFolder()
      await chown(parent, NOBODY, NOBODY)
      const dataDir = join(parent, 'data')
      await expectWorks(dataDir, asNobody(dataDir))
      expect(await ownerOf(join(dataDir, 'postgres'))).to.equal(NOBODY)
    })

    it('says that it may not write into the folder of somebody else', async () => {
      const parent = await newOpenFolder()
      await chown(parent, NOBODY, NOBODY)
      const dataDir = join(parent, 'data')
      await mkdir(dataDir, { mode: 0o755 })
      const refused = await new HeldPostgres(dataDir, asNobody(dataDir)).next('refused')
      expect(refused.code).to.equal('data-dir-unusable')
      expect(refused.message).to.include(dataDir).and.include('not allowed to write')
      expect(refused.message).to.include('set DATA_DIR')
    })
  })

  describe('the copy of the programs', () => {
    it('can be entered by everybody, written by root alone, and is made once', async () => {
      const cache = await newOpenFolder()
      const source = await findBinaries()
      const closed = binariesAt(join(await newFolder(), 'native'), source.version)
      await cp(source.root, closed.root, { recursive: true, verbatimSymlinks: true })
      spawnSync('chmod', ['-R', 'go-rwx', closed.root])
      const umask = process.umask(0o077)
      const shared = await shareBinaries(closed, [cache]).finally(() => process.umask(umask))

      const version = () =>
        spawnSync(shared.program('postgres'), ['--version'], { uid: NOBODY, gid: NOBODY, cwd: '/' })
      expect(version().status).to.equal(0)
      const made = await stat(shared.root)
      expect(await shareBinaries(closed, [cache])).to.include({ root: shared.root })
      expect((await stat(shared.root)).ino).to.equal(made.ino)
      expect(await readdir(join(cache, 'tributary'))).to.have.length(1)
      const writable = ['-L', shared.root, '-perm', '/022']
      expect(spawnSync('find', writable, { encoding: 'utf8' }).stdout).to.equal('')
    })

    it('is not put where somebody else could replace it', async () => {
      const cache = await newOpenFolder()
      await mkdir(join(cache, 'tributary'))
      await chmod(join(cache, 'tributary'), 0o777)
      const error = await shareBinaries(await findBinaries(), [cache]).catch(String)
      expect(error).to.include('only root can write to')
    })
  })

  function requireNamespaces(context: Mocha.Context): void {
    if (spawnSync('unshare', ['--user', 'true'], { uid: NOBODY, gid: NOBODY }).status === 0) return
    skipBecause(context, 'this kernel gives no user namespaces')
  }

  /** The room and the packages that it needs, in a folder that only root can enter. */
  async function closedCheckout(): Promise<string> {
    const checkout = join(await newFolder(), 'my checkout')
    const modules = join(checkout, 'node_modules')
    const script = join(checkout, 'test', 'backend', 'embedded-postgres', 'hold.ts')
    await cp(ROOM, join(checkout, 'backend', 'embedded-postgres'), { recursive: true })
    await cp(SCRIPT, script, { recursive: true })
    await cp(resolve(ROOM, '../../package.json'), join(checkout, 'package.json'))
    const entry = createRequire(import.meta.url).resolve('embedded-postgres')
    await cp(resolve(entry, '../..'), join(modules, 'embedded-postgres'), { recursive: true })
    const { root } = await findBinaries()
    const native = dirname(root)
    // As npm unpacks it, without the links: the script that makes them may be switched off.
    const filter = async (path: string) => !(await lstat(path)).isSymbolicLink()
    const target = join(modules, '@embedded-postgres', basename(native))
    await cp(native, target, { recursive: true, filter })
    return script
  }
})
