import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { Person } from '../support/person.ts'
import { startProduct, type Product } from '../support/product.ts'

const WORKFLOW = fileURLToPath(new URL('../domain/formats/n8n/orders.json', import.meta.url))

describe('a browser that refuses IndexedDB', function () {
  this.timeout(240_000)
  let browser: Browser
  let product: Product
  let ann: Person

  before(async () => {
    product = await startProduct()
    browser = await launchChromium()
    ann = await Person.arrive(browser, product.url, 'Ann Example')
    await ann.context.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('refused by this test', 'SecurityError')
      }
    })
  })

  after(async () => {
    await browser?.close()
    await product?.remove()
  })

  it('says that nothing is kept, and edits online all the same', async () => {
    await ann.page.goto(product.url)
    await ann.signUp(/Create/)
    await ann.sees('This browser does not let Tributary store edits')
    await ann.importFile(WORKFLOW)
    await ann.select('Get orders')
    await ann.write('Name', 'Fetch orders')
    await ann.seesPill(/Synced/)
  })

  it('shows what was edited after a reload, from the server', async () => {
    await ann.page.reload()
    await ann.page.getByRole('group', { name: /Fetch orders/ }).waitFor()
    await ann.sees('This browser does not let Tributary store edits')
    expect((await ann.screen()).join('\n')).to.include('Fetch orders')
  })

  it('undoes an import as the one gesture that it is', async () => {
    await ann.page.goto(product.url)
    await ann.importFile(WORKFLOW)
    await ann.page.locator('.vue-flow__pane').click({ position: { x: 5, y: 5 } })
    await ann.page.keyboard.press('Control+z')
    await ann.page.locator('.vue-flow__node').first().waitFor({ state: 'detached' })
    await ann.page.keyboard.press('Control+Shift+z')
    await ann.seesSteps()
    await ann.page.getByRole('group', { name: /Get orders/ }).waitFor()
    await ann.expectNoErrors()
  })
})
