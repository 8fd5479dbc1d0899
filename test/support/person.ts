/** A person in a browser of their own: what they do and see, in their words. */
import { expect } from 'chai'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

/** Longer than any wait that a person would put up with, on a busy machine. */
const PATIENCE_MS = 30_000

export class Person {
  readonly name: string
  readonly context: BrowserContext
  page: Page
  readonly url: string
  /** Errors that the page threw or printed; a test that ends with some has failed. */
  readonly errors: string[] = []

  static async arrive(
    browser: Browser,
    url: string,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 860 }, ...options })
    return new Person(name, context, await context.newPage(), url)
  }

  private constructor(name: string, context: BrowserContext, page: Page, url: string) {
    this.name = name
    this.context = context
    this.page = page
    this.url = url
    this.#watch(page)
  }

  #watch(page: Page): void {
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => this.errors.push(error.message))
  }

  get email(): string {
    return `${this.name.toLowerCase().replaceAll(' ', '.')}@example.org`
  }

  /** Fills the form that asks for a name, an e-mail and a password. */
  async signUp(submit: RegExp): Promise<void> {
    const { page } = this
    await page.getByLabel('Name', { exact: true }).fill(this.name)
    await page.getByLabel('E-mail').fill(this.email)
    await page.getByLabel('Password').fill(`the password of ${this.name}`)
    await page.getByRole('button', { name: submit }).click()
    await page.getByRole('heading', { name: 'Pipelines' }).waitFor()
  }

  /** Signs in where a page has asked for it. */
  async signIn(): Promise<void> {
    const { page } = this
    await page.getByLabel('E-mail').fill(this.email)
    await page.getByLabel('Password').fill(`the password of ${this.name}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  /** The tab's process ends as in a crash; another tab takes its place. */
  async crash(): Promise<void> {
    const devtools = await this.context.newCDPSession(this.page)
    const crashed = this.page.waitForEvent('crash')
    // It is never answered: who would answer has crashed.
    devtools.send('Page.crash').catch(() => undefined)
    await crashed
    await this.page.close()
    this.page = await this.context.newPage()
    this.#watch(this.page)
  }

  /** Imports a workflow file from the list, and ends in its editor. */
  async importFile(path: string): Promise<void> {
    const { page } = this
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    const dialog = page.getByRole('dialog')
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      dialog.getByRole('button', { name: /file/i }).first().click(),
    ])
    await chooser.setFiles(path)
    await dialog.getByRole('button', { name: 'Create' }).click()
    await page.waitForURL(/\/p\//)
    await this.seesSteps()
  }

  async open(pipelineUrl: string): Promise<void> {
    await this.page.goto(pipelineUrl)
    await this.seesSteps()
  }

  async seesSteps(): Promise<void> {
    await this.page.locator('.vue-flow__node').first().waitFor()
  }

  /** Makes an invitation link for an editor. */
  async inviteLink(): Promise<string> {
    const { page } = this
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByText('Invite somebody').click()
    await page.getByRole('button', { name: 'Make a link' }).click()
    const link = page.locator('input[readonly]')
    await link.waitFor()
    return link.inputValue()
  }

  /** Selects a step in the outline. */
  async select(stepName: string): Promise<void> {
    await this.page.getByRole('tab', { name: 'Edit' }).click()
    const steps = this.page.getByRole('complementary', { name: 'Steps' })
    await steps.getByRole('listitem').getByRole('button', { name: stepName, exact: true }).click()
    await this.page.getByRole('heading', { name: stepName, level: 2 }).waitFor()
  }

  field(label: string) {
    return this.page.getByLabel(label, { exact: true })
  }

  /** Writes a field of the selected step. */
  async write(label: string, value: string): Promise<void> {
    const field = this.field(label)
    await field.fill(value)
    await field.blur()
  }

  async seesPill(text: RegExp): Promise<void> {
    await this.page.getByRole('status').filter({ hasText: text }).first().waitFor()
  }

  /** Waits until some text stands somewhere in view. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor()
  }

  /** The lines of the history, as they are read from the newest to the oldest by scrolling. */
  async history(): Promise<string> {
    await this.page.getByRole('tab', { name: 'History' }).click()
    const panel = this.page.getByRole('tabpanel', { name: 'History' })
    await panel.getByRole('button').or(panel.locator('strong')).first().waitFor()
    await panel.hover()
    const seen: string[] = []
    for (let turn = 0; turn < 40; turn++) {
      const text = (await panel.innerText()).replace(/\s+/g, ' ')
      if (seen.at(-1) === text) break
      seen.push(text)
      await this.page.mouse.wheel(0, 300)
      // The list renders what came into view with the next frame.
      await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(0))))
    }
    return seen.join('\n')
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path })
  }

  /** What the canvas shows: each step with its texts, and each connection, sorted. */
  async screen(): Promise<readonly string[]> {
    return this.page.evaluate(() => {
      // Who else is looking where is of this moment, and not of the pipeline.
      const shown = [...document.querySelectorAll('.vue-flow__node, .vue-flow__edge')]
      return shown
        .map((element) => {
          const copy = element.cloneNode(true) as Element
          copy.querySelectorAll('.presence-names, .step-word').forEach((part) => part.remove())
          return `${element.getAttribute('data-id')} ${copy.textContent}`
            .replace(/\s+/g, ' ')
            .trim()
        })
        .sort()
    })
  }

  async expectNoErrors(): Promise<void> {
    expect(this.errors, `${this.name}'s page`).to.deep.equal([])
  }
}

/** Waits until two people see the same. */
export async function seeTheSame(left: Person, right: Person): Promise<readonly string[]> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const [mine, theirs] = await Promise.all([left.screen(), right.screen()])
    if (JSON.stringify(mine) === JSON.stringify(theirs)) return mine
    if (Date.now() > deadline) expect(mine).to.deep.equal(theirs)
    await left.page.waitForTimeout(100)
  }
}
