/**
 * A person who goes on editing for very long without a network: their queue, through a reload, a
 * crash of the tab, and the upload, with the times that each took. For a test and for a figure.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Browser } from 'playwright-core'
import { Person } from './person.ts'
import type { Product } from './product.ts'

export interface Stored {
  /** Entries of the queue. */
  readonly waiting: number
  /** Events that the server has not confirmed. */
  readonly unconfirmed: number
  /** The server's hash at the revision that this device has. */
  readonly hash: string | null
}

/** What Postgres has of one pipeline, by the replica that wrote it. */
export interface Logged {
  readonly events: number
  readonly ids: number
  readonly lastSeq: number
  readonly replicas: number
  readonly hash: string
}

/** Longer than the slowest machine takes over any one wait. */
const PATIENCE_MS = 600_000

/** What the pill says of a queue without a network; some Chromiums forget over a reload why. */
export const WAITING = /Offline, [\d,]+ saved|reach the server, [\d,]+ waiting/

export class LongQueue {
  readonly person: Person
  readonly #browser: Browser
  readonly #product: Product
  readonly #steps: number
  #pipelineUrl = ''

  static async begin(browser: Browser, product: Product, steps: number): Promise<LongQueue> {
    const person = await Person.arrive(browser, product.url, 'Ann Example')
    person.page.setDefaultTimeout(PATIENCE_MS)
    const queue = new LongQueue(person, browser, product, steps)
    await queue.#importSteps()
    return queue
  }

  private constructor(person: Person, browser: Browser, product: Product, steps: number) {
    this.person = person
    this.#browser = browser
    this.#product = product
    this.#steps = steps
  }

  get pipelineId(): string {
    return new URL(this.#pipelineUrl).pathname.split('/').at(-1)!
  }

  async #importSteps(): Promise<void> {
    const { person } = this
    const folder = await mkdtemp(join(tmpdir(), 'tributary-workflow-'))
    const path = join(folder, 'workflow.json')
    await writeFile(path, JSON.stringify(workflowOf(this.#steps)))
    await person.page.goto(this.#product.url)
    await person.signUp(/Create/)
    await person.importFile(path)
    this.#pipelineUrl = person.page.url()
    await this.#seesPill(/Synced/)
    await person.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await rm(folder, { recursive: true })
  }

  async goOffline(): Promise<void> {
    await this.person.context.setOffline(true)
    await this.#seesPill(/Offline/)
  }

  /** Selects everything and turns it off and on: each keystroke is a gesture of an event per step. */
  async toggleAll(times: number): Promise<number> {
    const { page } = this.person
    const startedAt = performance.now()
    await page.locator('.vue-flow__pane').click({ position: { x: 5, y: 5 } })
    await page.keyboard.press('Control+a')
    for (let done = 1; done <= times; done++) {
      await page.keyboard.press('d')
      await this.#seesPill(new RegExp(`Offline, ${done.toLocaleString('en')} saved`))
    }
    return performance.now() - startedAt
  }

  /** Loads the page again; until the pipeline is shown and the queue is counted. */
  async reload(): Promise<number> {
    const startedAt = performance.now()
    await this.person.page.reload()
    return this.#shownSince(startedAt, WAITING)
  }

  /** Loads the page again with the network there. */
  async reloadOnline(): Promise<number> {
    const startedAt = performance.now()
    await this.person.page.reload()
    return this.#shownSince(startedAt, /Synced/)
  }

  /** Kills the tab's renderer and opens the pipeline in another tab. */
  async crash(pill: RegExp): Promise<number> {
    await this.person.crash()
    this.person.page.setDefaultTimeout(PATIENCE_MS)
    const startedAt = performance.now()
    await this.person.page.goto(this.#pipelineUrl)
    return this.#shownSince(startedAt, pill)
  }

  async #shownSince(startedAt: number, pill: RegExp): Promise<number> {
    await this.person.seesSteps()
    await this.#seesPill(pill)
    return performance.now() - startedAt
  }

  /** By its element: to look for a role among thousands of elements is slower than what is timed. */
  async #seesPill(text: RegExp): Promise<void> {
    await this.person.page.locator('span[role="status"]').filter({ hasText: text }).waitFor()
  }

  async goOnline(): Promise<void> {
    await this.person.context.setOffline(false)
  }

  /** Waits until at most so many wait for the server. */
  async waitsForAtMost(most: number): Promise<void> {
    while ((await this.stored()).waiting > most) await this.person.page.waitForTimeout(500)
  }

  /**
   * Turns one step off and on, time and again, while the rest uploads; until at most so many wait.
   * Gives how long each took to be shown, in ms.
   */
  async editsWhileUploading(most: number): Promise<readonly number[]> {
    const { page } = this.person
    await page.locator('.vue-flow__node').first().click()
    const took: number[] = []
    while ((await this.stored()).waiting > most) {
      took.push(await page.evaluate(toggleOne))
      await page.waitForTimeout(1_000)
    }
    return took
  }

  /** Events in a second where each batch is read and stored as confirmed, and nothing else is done. */
  bareStoring(): Promise<number> {
    return this.person.page.evaluate(storeBare, this.pipelineId)
  }

  /** Waits until somebody's device has the server's history up to that hash. */
  async hasCaughtUp(person: Person, hash: string): Promise<void> {
    while ((await this.stored(person)).hash !== hash) await person.page.waitForTimeout(500)
  }

  /** What is in the browser's database, read past the editor. */
  stored(person = this.person): Promise<Stored> {
    return person.page.evaluate(readStored, this.pipelineId)
  }

  async logged(): Promise<Logged> {
    const client = new pg.Client({ connectionString: await this.#product.databaseUrl() })
    await client.connect()
    try {
      const { rows } = await client.query<Logged>(
        `SELECT count(*)::int AS events, count(DISTINCT event_id)::int AS ids,
                max(seq)::int AS "lastSeq", count(DISTINCT replica_id)::int AS replicas,
                (SELECT encode(hash, 'hex') FROM log.stream WHERE stream_id = $1) AS hash
           FROM log.event WHERE stream_id = $1`,
        [`pipeline-${this.pipelineId}`],
      )
      return rows[0]!
    } finally {
      await client.end()
    }
  }

  /** The same person at another machine, who opens the pipeline. */
  async elsewhere(): Promise<Person> {
    const other = await Person.arrive(this.#browser, this.#product.url, this.person.name)
    await other.page.goto(this.#pipelineUrl)
    await other.signIn()
    await other.seesSteps()
    return other
  }
}

/** Runs in the page; a function with a name would not arrive whole. */
async function readStored(pipelineId: string): Promise<Stored> {
  const name = (await indexedDB.databases()).find((each) => each.name!.startsWith('tributary-'))!
  const opening = indexedDB.open(name.name!)
  await new Promise((resolve) => (opening.onsuccess = resolve))
  const database = opening.result
  const tx = database.transaction(['queue', 'events', 'pipelines'])
  const unrevised = tx.objectStore('events').index('[pipelineId+revision]')
  const waiting = tx.objectStore('queue').count()
  const unconfirmed = unrevised.count([pipelineId, 0])
  const record = tx.objectStore('pipelines').get(pipelineId) as IDBRequest<Pick<Stored, 'hash'>>
  await new Promise((resolve) => (tx.oncomplete = resolve))
  database.close()
  return { waiting: waiting.result, unconfirmed: unconfirmed.result, hash: record.result.hash }
}

/** Runs in the page: a keystroke on the first card, until the card shows it. */
async function toggleOne(): Promise<number> {
  const card = document.querySelector('.vue-flow__node .step-card')!
  const was = card.classList.contains('disabled')
  const startedAt = performance.now()
  card.dispatchEvent(new KeyboardEvent('keydown', { key: 'd', bubbles: true }))
  while (card.classList.contains('disabled') === was) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return performance.now() - startedAt
}

/** Runs in the page, like `readStored`. */
async function storeBare(pipelineId: string): Promise<number> {
  const name = (await indexedDB.databases()).find((each) => each.name!.startsWith('tributary-'))!
  const opening = indexedDB.open(name.name!)
  await new Promise((resolve) => (opening.onsuccess = resolve))
  const database = opening.result
  const [batches, size] = [50, 100]
  const startedAt = performance.now()
  for (let batch = 0; batch < batches; batch++) {
    const tx = database.transaction('events', 'readwrite')
    const store = tx.objectStore('events')
    const after = [pipelineId, batch * size + 1]
    const range = IDBKeyRange.bound(after, [pipelineId, Infinity])
    const rows = store.index('[pipelineId+revision]').getAll(range, size)
    rows.onsuccess = () => rows.result.forEach((row: unknown) => store.put(row))
    await new Promise((resolve) => (tx.oncomplete = resolve))
  }
  database.close()
  return (batches * size * 1000) / (performance.now() - startedAt)
}

/** A workflow of that many steps in rows of forty. */
function workflowOf(steps: number): object {
  const nodes = Array.from({ length: steps }, (_, i) => ({
    id: crypto.randomUUID(),
    name: `Step ${i}`,
    type: 'n8n-nodes-base.noOp',
    typeVersion: 1,
    position: [(i % 40) * 240, Math.floor(i / 40) * 160],
    parameters: {},
  }))
  return { name: 'A long flight', nodes, connections: {} }
}
