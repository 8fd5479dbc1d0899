import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import pg from 'pg'
import type { Browser } from 'playwright-core'
import type { StateView } from '../../domain/pipeline/view.ts'
import { launchChromium } from '../support/chromium.ts'
import { Person, seeTheSame } from '../support/person.ts'
import { startProduct, type Product } from '../support/product.ts'

const WORKFLOW = fileURLToPath(new URL('../domain/formats/n8n/orders.json', import.meta.url))

describe('two people with one imported pipeline', function () {
  this.timeout(240_000)
  // Each step stands on the ones before it.
  this.bail(true)
  let browser: Browser
  let product: Product
  let ann: Person
  let ben: Person
  let pipelineUrl: string

  before(async () => {
    product = await startProduct()
    browser = await launchChromium()
    ann = await Person.arrive(browser, product.url, 'Ann Example')
    ben = await Person.arrive(browser, product.url, 'Ben Example')
  })

  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return
    const folder = await mkdtemp(join(tmpdir(), 'tributary-failed-'))
    await Promise.all(
      [ann, ben].map((person) => person.screenshot(join(folder, `${person.name}.png`))),
    )
    process.stderr.write(`What they saw is in ${folder}\n`)
  })

  after(async () => {
    await browser?.close()
    await product?.remove()
  })

  it('the first signs up, imports a workflow and sees it', async () => {
    await ann.page.goto(product.url)
    await ann.signUp(/Create/)
    await ann.importFile(WORKFLOW)
    pipelineUrl = ann.page.url()
    await ann.seesPill(/Synced/)
    const shown = (await ann.screen()).join('\n')
    for (const name of [
      'Every hour',
      'Get orders',
      'Is it large?',
      'Tell a person',
      'Ask a model',
    ]) {
      expect(shown).to.include(name)
    }
  })

  it('the second joins by an invitation link and opens the same pipeline', async () => {
    const link = await ann.inviteLink()
    await ben.page.goto(link)
    await ben.signUp(/join/i)
    await ben.sees('Check new orders')
    await ann.open(pipelineUrl)
    await ben.open(pipelineUrl)
    await seeTheSame(ann, ben)
  })

  it("each sees the other's edits", async () => {
    await ann.select('Get orders')
    await ann.write('Name', 'Fetch orders')
    await ben.page.getByRole('group', { name: /Fetch orders/ }).waitFor()
    await ben.select('Fetch orders')
    await ben.write('URL', 'https://shop.test/orders?new=1')
    await ann.page.waitForFunction(() =>
      [...document.querySelectorAll('textarea, input')].some((e) =>
        (e as HTMLInputElement).value.endsWith('?new=1'),
      ),
    )
    await seeTheSame(ann, ben)
  })

  it('one edits offline, over a reload, and both values of the same field are shown afterwards', async () => {
    await ben.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await ben.context.setOffline(true)
    await ben.seesPill(/Offline/)
    await ben.page.reload()
    await ben.seesSteps()
    await ben.select('Fetch orders')
    await ben.write('Timeout, seconds', '45')
    await ben.write('Retries', '3')
    await ben.seesPill(/Offline, 2 saved on this device/)

    await ann.select('Fetch orders')
    await ann.write('Timeout, seconds', '60')
    await ann.seesPill(/Synced/)

    await ben.context.setOffline(false)
    await ben.seesPill(/Synced/)
    for (const person of [ann, ben]) {
      const conflict = person.page.getByRole('group', { name: /Two people changed this/ })
      await conflict.waitFor()
      const text = await conflict.innerText()
      expect(text).to.include('45')
      expect(text).to.include('60')
    }
    await seeTheSame(ann, ben)
  })

  it('one click settles it, for both', async () => {
    await ann.page.getByRole('button', { name: 'Keep 45' }).click()
    for (const person of [ann, ben]) {
      await person.page
        .getByRole('group', { name: /Two people changed this/ })
        .waitFor({ state: 'detached' })
      expect(await person.field('Timeout, seconds').inputValue()).to.equal('45')
      expect(await person.field('Retries').inputValue()).to.equal('3')
    }
    await seeTheSame(ann, ben)
  })

  it('both go on while the server is stopped, and after a kill', async () => {
    await product.stop()
    await ann.seesPill(/Can.t reach the server/)
    await ann.select('Tell a person')
    await ann.write('Name', 'Tell the desk')
    await ben.select('Every hour')
    await ben.write('Name', 'Each hour')
    await ben.seesPill(/1 waiting/)
    await product.start()
    await ann.seesPill(/Synced/)
    await ben.seesPill(/Synced/)
    await seeTheSame(ann, ben)

    await product.kill()
    await ben.select('Each hour')
    await ben.write('Name', 'Every hour')
    await product.start()
    await ben.seesPill(/Synced/)
    await ann.page.getByRole('group', { name: /Every hour/ }).waitFor()
    await seeTheSame(ann, ben)
  })

  it('the history lists every edit with who, what, from, to and when', async () => {
    const text = await ann.history()
    for (const line of [
      'Renamed Get orders to Fetch orders You',
      'from https://shop.test/orders to https://shop.test/orders?new=1 Ben Example',
      'Changed Timeout, seconds of Fetch orders from 60 to 45 You',
      'Renamed Tell a person to Tell the desk You',
      'Created Check new orders with 6 steps, 6 connections and 1 note You',
    ]) {
      expect(text).to.include(line)
    }
    // Which of the two came first depends on the network, and may.
    expect(text).to.match(/Timeout, seconds of Fetch orders (from 45 )?to 60 You/)
    expect(text).to.match(/Timeout, seconds of Fetch orders (from 60 )?to 45 Ben Example/)
    expect(text).to.match(/You, (just now|\d+ (s|min) ago)/)
  })

  it('the state over HTTP and the rows in Postgres are what both see', async () => {
    const id = new URL(pipelineUrl).pathname.split('/').at(-1)!
    const token = await ann.page.evaluate(() => {
      for (const text of Object.values(localStorage)) {
        const found = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(String(text))
        if (found) return found[0]
      }
      return null
    })
    const response = await fetch(`${product.url}/api/pipelines/${id}/state`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const state = (await response.json()) as StateView & { revision: number }
    const client = new pg.Client({ connectionString: await product.databaseUrl() })
    await client.connect()
    try {
      await expectRows(client, id, state)
    } finally {
      await client.end()
    }
    const screen = (await ann.screen()).join('\n')
    for (const step of state.steps) expect(screen).to.include(`${step.id} ${step.name}`)
    expect(state.conflicts).to.deep.equal([])
  })

  it('no page has thrown anything', async () => {
    await ann.expectNoErrors()
    await ben.expectNoErrors()
  })
})

/** The projected rows, once the projector has caught up with the state's revision. */
async function expectRows(
  client: pg.Client,
  id: string,
  state: StateView & { revision: number },
): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const { rows } = await client.query('SELECT revision FROM pipelines WHERE id = $1', [id])
    if (Number(rows[0]?.revision) === state.revision) break
    if (Date.now() > deadline) throw new Error('The projector did not catch up.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const steps = await client.query(
    'SELECT id, kind, name, x, y, config, enabled FROM steps WHERE pipeline_id = $1 ORDER BY id',
    [id],
  )
  expect(
    steps.rows.map(({ x, y, ...step }) => ({ ...step, placement: { x: Number(x), y: Number(y) } })),
  ).to.deep.equal(
    state.steps.map(({ id: stepId, kind, name, placement, config, enabled }) => {
      return { id: stepId, kind, name, placement, config, enabled }
    }),
  )
  const connections = await client.query(
    'SELECT count(*)::int AS count FROM connections WHERE pipeline_id = $1',
    [id],
  )
  expect(connections.rows[0].count).to.equal(state.connections.length)
}
