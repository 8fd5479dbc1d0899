/** Measures a long queue in Chromium, for `npm run bench -- queue`; prints one line of JSON. */
import { parseArgs } from 'node:util'
import { launchChromium } from '../support/chromium.ts'
import { LongQueue, WAITING } from '../support/long-queue.ts'
import { startProduct } from '../support/product.ts'

const { values } = parseArgs({ options: { events: { type: 'string', default: '100000' } } })
/** One gesture makes an event for each. */
const STEPS = 500
const gestures = Math.ceil(Number(values.events) / STEPS)
const events = gestures * STEPS

const say = (line: string) => void process.stderr.write(`${line}\n`)
const product = await startProduct()
const browser = await launchChromium()
try {
  process.stdout.write(`${JSON.stringify(await measure())}\n`)
} finally {
  await browser.close()
  await product.remove()
}

async function measure() {
  const queue = await LongQueue.begin(browser, product, STEPS)
  const imported = (await queue.logged()).events
  await queue.goOffline()
  say(`Making ${events} events without a network…`)
  const writtenMs = await queue.toggleAll(gestures)
  const reloadedMs = await queue.reload()
  const reopenedMs = await queue.crash(WAITING)
  const { waiting } = await queue.stored()
  if (waiting !== events) throw new Error(`${waiting} of ${events} are there after the crash.`)

  say('Uploading them…')
  const startedAt = performance.now()
  await queue.goOnline()
  const edits = await queue.editsWhileUploading(events / 10)
  await queue.waitsForAtMost(0)
  const uploadedMs = performance.now() - startedAt
  const logged = await queue.logged()
  const expected = imported + events + edits.length
  if (logged.ids !== expected || logged.lastSeq !== expected) {
    throw new Error(`The log has ${logged.ids} events up to ${logged.lastSeq}, not ${expected}.`)
  }
  await queue.hasCaughtUp(queue.person, logged.hash)
  const storedPerSecond = await queue.bareStoring()
  await queue.reloadOnline()
  const syncedReloadMs = await queue.reloadOnline()
  const arrivesAt = performance.now()
  const other = await queue.elsewhere()
  await queue.hasCaughtUp(other, logged.hash)
  const elsewhereMs = performance.now() - arrivesAt
  return {
    ...{ events, gestures, writtenMs, reloadedMs, reopenedMs, uploadedMs, syncedReloadMs },
    ...{ storedPerSecond, edits, elsewhereMs },
  }
}
