import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { LongQueue, WAITING } from '../support/long-queue.ts'
import { seeTheSame } from '../support/person.ts'
import { startProduct, type Product } from '../support/product.ts'

/** `npm run bench -- queue` takes the same way with the 100,000 that a device may hold back. */
const STEPS = 250
const GESTURES = 40
const EVENTS = STEPS * GESTURES

describe(`a person who makes ${EVENTS} edits without a network`, function () {
  this.timeout(240_000)
  // Each step stands on the ones before it.
  this.bail(true)
  let browser: Browser
  let product: Product
  let queue: LongQueue
  let imported: number

  before(async () => {
    product = await startProduct({ MAX_OFFLINE_QUEUE: String(EVENTS) })
    browser = await launchChromium()
    queue = await LongQueue.begin(browser, product, STEPS)
    imported = (await queue.logged()).events
  })

  after(async () => {
    await browser?.close()
    await product?.remove()
  })

  it('has all of them on the device, and is told where it takes no more', async () => {
    await queue.goOffline()
    await queue.toggleAll(GESTURES)
    expect(await queue.stored()).to.include({ waiting: EVENTS, unconfirmed: EVENTS })
    await queue.person.page.keyboard.press('d')
    await queue.person.sees('Too many edits wait for the server. Connect first.')
    expect(await queue.stored()).to.include({ waiting: EVENTS, unconfirmed: EVENTS })
  })

  it('has them after a reload, and after a crash of the tab', async () => {
    const shown = await queue.person.screen()
    await queue.reload()
    expect(await queue.stored()).to.include({ waiting: EVENTS, unconfirmed: EVENTS })
    expect(await queue.person.screen()).to.deep.equal(shown)
    await queue.crash(WAITING)
    expect(await queue.stored()).to.include({ waiting: EVENTS, unconfirmed: EVENTS })
    expect(await queue.person.screen()).to.deep.equal(shown)
  })

  it('uploads all of them once there is a network, though the tab crashes half way', async () => {
    await queue.goOnline()
    await queue.waitsForAtMost(EVENTS / 2)
    await queue.crash(/Syncing|Synced/)
    await queue.waitsForAtMost(0)
    await queue.person.seesPill(/Synced/)
    const logged = await queue.logged()
    expect(logged.events).to.equal(imported + EVENTS)
    expect(logged.ids).to.equal(logged.events)
    // One replica wrote all of it: as many events as numbers, so none is missing and none is twice.
    expect([logged.replicas, logged.lastSeq]).to.deep.equal([1, logged.events])
  })

  it('sees the same at another machine, which has the same history', async () => {
    const other = await queue.elsewhere()
    await seeTheSame(queue.person, other)
    const { hash } = await queue.logged()
    for (const person of [queue.person, other]) {
      await queue.hasCaughtUp(person, hash)
      await person.expectNoErrors()
    }
  })
})
