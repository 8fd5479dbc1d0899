/** Looks at the editor page (editor-page.ts), one after the other: for the tests of one file. */
import { expect } from 'chai'
import type { Browser, Locator, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { serveEditorPage, type ServedPage } from './serve-editor-page.ts'

export interface VisitOptions {
  readonly query?: string
  readonly width?: number
  readonly height?: number
}

export class EditorVisits {
  page!: Page
  private browser: Browser | undefined
  private served: ServedPage | undefined
  private problems: string[] = []

  async begin(): Promise<void> {
    ;[this.served, this.browser] = await Promise.all([serveEditorPage(), launchChromium()])
  }

  async end(): Promise<void> {
    await this.browser?.close()
    await this.served?.close()
  }

  async open({ query = '', width = 1280, height = 800 }: VisitOptions = {}): Promise<Page> {
    const page = await this.browser!.newPage({ viewport: { width, height }, hasTouch: width < 700 })
    this.page = page
    this.problems = []
    page.on('pageerror', (error) => this.problems.push(String(error)))
    page.on('console', (line) => line.type() === 'error' && this.problems.push(line.text()))
    await page.goto(`${this.served!.url}/?${query}`)
    await page.waitForFunction('window.tributary !== undefined')
    return page
  }

  /** Ends one visit; the page has to have thrown and printed no errors. */
  async leave(): Promise<void> {
    await this.page?.close()
    expect(this.problems).to.deep.equal([])
  }

  card(name: string): Locator {
    return this.page.locator('.vue-flow__node').filter({ hasText: name })
  }

  get inspector(): Locator {
    return this.page.getByRole('complementary', { name: 'Details' })
  }

  /** What has the focus: its role or tag, and its name. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const at = document.activeElement as HTMLInputElement | null
      const name = at?.getAttribute('aria-label') ?? at?.labels?.[0]?.innerText ?? at?.innerText
      return `${at?.getAttribute('role') ?? at?.localName} ${(name ?? '').trim().slice(0, 60)}`
    })
  }

  /** Waits until that has the focus. */
  async focusIsOn(wanted: string): Promise<void> {
    const deadline = Date.now() + 5000
    while ((await this.focused()) !== wanted && Date.now() < deadline) {
      await this.page.waitForTimeout(25)
    }
    expect(await this.focused()).to.equal(wanted)
  }
}
