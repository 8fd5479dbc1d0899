import { expect } from 'chai'
import sinon from 'sinon'
import { createUploadLock, type UploadLock } from '../../../frontend/replica/upload-lock.ts'
import { createLocks, createTabHub, type Tab, type TabHub } from '../../support/tab-hub.ts'

const MINUTE = 60_000

describe('the upload lock', () => {
  let clock: sinon.SinonFakeTimers
  let hub: TabHub
  let locks: LockManager
  /** Who uploads, in the order of beginning; a tab that stopped is taken out. */
  let uploading: string[]
  const released: UploadLock[] = []

  beforeEach(() => {
    // Microtasks stay real: promises and locks are not what time governs.
    clock = sinon.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    })
    hub = createTabHub()
    locks = createLocks()
    uploading = []
  })

  afterEach(async () => {
    for (const lock of released.splice(0)) lock.release()
    await clock.tickAsync(MINUTE)
    clock.restore()
  })

  interface TestTab {
    readonly tab: Tab
    readonly lock: UploadLock
    readonly signals: AbortSignal[]
  }

  /** A tab that uploads whenever it may, until it is told to stop. */
  function open(name: string, locksOfBrowser: LockManager | undefined = locks): TestTab {
    const tab = hub.open()
    const lock = createUploadLock('queue', tab, () => Date.now(), locksOfBrowser)
    const signals: AbortSignal[] = []
    lock.hold(
      (signal) =>
        new Promise((resolve) => {
          signals.push(signal)
          uploading.push(name)
          signal.addEventListener('abort', () => {
            uploading = uploading.filter((other) => other !== name)
            resolve()
          })
        }),
    )
    released.push(lock)
    return { tab, lock, signals }
  }

  it('is held by one tab, and nobody takes it from one that lives, for however long', async () => {
    const [first] = [open('first'), open('second'), open('third')]
    for (let minute = 0; minute < 30; minute++) {
      await clock.tickAsync(MINUTE)
      expect(uploading).to.deep.equal(['first'])
    }
    expect(first!.signals[0]!.aborted).to.equal(false)
  })

  it('goes to the next tab at once when its holder closes', async () => {
    const [first, second] = [open('first'), open('second')]
    await clock.tickAsync(10)
    first!.lock.release()
    await clock.tickAsync(10)
    expect(uploading).to.deep.equal(['second'])
    second!.lock.release()
    await clock.tickAsync(MINUTE)
    expect(uploading).to.deep.equal([])
  })

  it('is taken from a frozen holder after a while, by one tab', async () => {
    const [first] = [open('first'), open('second'), open('third')]
    await clock.tickAsync(MINUTE)
    first!.tab.isFrozen = true
    await clock.tickAsync(5_000)
    expect(uploading).to.deep.equal(['first'])
    await clock.tickAsync(10_000)
    expect(first!.signals[0]!.aborted).to.equal(true)
    expect(uploading).to.have.length(1)
    expect(uploading[0]).not.to.equal('first')
    const [holder] = uploading
    await clock.tickAsync(10 * MINUTE)
    expect(uploading).to.deep.equal([holder])
  })

  it('is not taken back by a tab that wakes up, while the new holder lives', async () => {
    const [first, second] = [open('first'), open('second')]
    await clock.tickAsync(10)
    first!.tab.isFrozen = true
    await clock.tickAsync(20_000)
    expect(uploading).to.deep.equal(['second'])
    first!.tab.isFrozen = false
    await clock.tickAsync(10 * MINUTE)
    expect(uploading).to.deep.equal(['second'])
    second!.lock.release()
    await clock.tickAsync(5_000)
    expect(uploading).to.deep.equal(['first'])
  })

  it('comes back to a tab that lost it while its work went on for a while', async () => {
    const tab = hub.open()
    const lock = createUploadLock('queue', tab, () => Date.now(), locks)
    released.push(lock)
    const works: string[] = []
    lock.hold(async (signal) => {
      works.push(`work ${works.length}`)
      if (works.length > 1)
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
      // A push that is under way when the lock is taken, and answered half a minute later.
      await new Promise((resolve) => setTimeout(resolve, 45_000))
    })
    await clock.tickAsync(10)
    tab.isFrozen = true
    const second = open('second')
    await clock.tickAsync(15_000)
    tab.isFrozen = false
    expect(uploading).to.deep.equal(['second'])
    second.lock.release()
    await clock.tickAsync(60 * MINUTE)
    expect(works).to.deep.equal(['work 0', 'work 1'])
  })

  it('is asked for again, with a pause, where the work fails', async () => {
    let tried = 0
    const lock = createUploadLock('queue', hub.open(), () => Date.now(), locks)
    released.push(lock)
    lock.hold(async () => {
      tried += 1
      throw new Error('the device is full')
    })
    await clock.tickAsync(MINUTE)
    expect(tried).to.be.within(5, 60)
  })

  it('is nothing to wait for where the browser has no locks: the epoch keeps that correct', async () => {
    const [first] = [open('first', null as never), open('second', null as never)]
    await clock.tickAsync(MINUTE)
    expect(uploading).to.deep.equal(['first', 'second'])
    first!.lock.release()
    await clock.tickAsync(10)
    expect(uploading).to.deep.equal(['second'])
  })
})
