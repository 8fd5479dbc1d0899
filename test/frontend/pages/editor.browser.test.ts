import { expect } from 'chai'
import type { Browser, Locator, Page } from 'playwright-core'
import { launchChromium } from '../../support/chromium.ts'
import { serveEditorPage, type ServedPage } from '../../support/serve-editor-page.ts'

describe('the editor, in a browser', function () {
  this.timeout(120_000)
  let browser: Browser
  let served: ServedPage
  let page: Page
  let problems: string[]

  before(async () => {
    ;[served, browser] = await Promise.all([serveEditorPage(), launchChromium()])
  })
  after(async () => {
    await browser?.close()
    await served?.close()
  })

  async function open(query = '', size = { width: 1280, height: 800 }): Promise<void> {
    page = await browser.newPage({ viewport: size, hasTouch: size.width < 700 })
    problems = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (line) => line.type() === 'error' && problems.push(line.text()))
    await page.goto(`${served.url}/?${query}`)
    await page.waitForFunction('window.tributary !== undefined')
  }
  afterEach(async () => {
    await page?.close()
    expect(problems).to.deep.equal([])
  })

  const card = (name: string): Locator => page.locator('.vue-flow__node').filter({ hasText: name })
  const inspector = (): Locator => page.getByRole('complementary', { name: 'Details' })
  const pill = (): Locator => page.locator('.sync')
  const config = (step: 'fetch' | 'score') =>
    page.evaluate((name) => {
      const { pipeline, steps } = window.tributary
      const fields = pipeline.state.steps.get(steps[name])!.fields
      return Object.fromEntries(
        [...fields].map(([field, [write]]) => [field, write?.value ?? null]),
      )
    }, step)
  /** Bruno sets the timeout of “Fetch orders”, at once or where he has seen nothing since. */
  const brunoSets = (value: number) =>
    page.evaluate((seconds) => {
      const { bruno, steps } = window.tributary
      const set = { type: 'ConfigureStep', stepId: steps.fetch, key: 'timeoutSeconds' } as const
      bruno()
        .execute([{ ...set, value: seconds }])
        .send()
    }, value)

  it('adds a step by the keyboard alone, and takes it back', async () => {
    await open()
    await card('Score risk').waitFor()
    await page.keyboard.press('n')
    await page.keyboard.type('http')
    await page.keyboard.press('Enter')
    await card('HTTP request').waitFor()
    await inspector().getByRole('heading', { name: 'HTTP request' }).waitFor()
    await page.keyboard.press('Control+z')
    await card('HTTP request').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+Shift+z')
    await card('HTTP request').waitFor()
  })

  it('leaves its keys to a text that is being typed', async () => {
    await open()
    await card('Fetch orders').click()
    const name = inspector().getByLabel('Name')
    await name.fill('')
    await name.pressSequentially('need d? f')
    await name.press('Enter')
    await card('need d? f').waitFor()
    expect(await page.getByRole('dialog').count()).to.equal(0)
    expect((await config('fetch'))['enabled']).to.equal(true)
  })

  it('shows both values of a conflict where the field is, and keeps the one that is chosen', async () => {
    await open()
    await page.evaluate(async () => {
      const { bruno, pipeline, steps } = window.tributary
      const set = { type: 'ConfigureStep', stepId: steps.fetch, key: 'timeoutSeconds' } as const
      const device = bruno().execute([{ ...set, value: 45 }])
      await pipeline.execute([{ ...set, value: 60 }])
      device.send()
    })
    await page.getByRole('tab', { name: 'Conflicts 1' }).waitFor()
    await card('Fetch orders').click()
    const conflict = inspector().getByRole('group', {
      name: 'Two people changed this at the same time',
    })
    expect(await conflict.getByRole('listitem').allInnerTexts()).to.have.length(2)
    expect(await conflict.innerText())
      .to.contain('Bruno Costa')
      .and.contain('shown now')
    await conflict.getByRole('button', { name: 'Keep 45' }).click()
    await conflict.waitFor({ state: 'detached' })
    expect((await config('fetch'))['config.timeoutSeconds']).to.equal(45)
    await page.getByRole('tab', { name: 'Conflicts', exact: true }).waitFor()
  })

  it('does not write over what arrived while somebody was typing', async () => {
    await open()
    await card('Fetch orders').click()
    const field = inspector().getByLabel('Timeout, seconds')
    await field.fill('60')
    await brunoSets(45)
    await inspector().getByText('Bruno Costa changed this to 45 while you were typing.').waitFor()
    await inspector().getByLabel('Name').click()
    expect((await config('fetch'))['config.timeoutSeconds']).to.equal(45)
    await card('Score risk').click()
    await card('Fetch orders').click()
    expect(await field.inputValue()).to.equal('60')
    await inspector().getByRole('button', { name: 'Keep mine' }).click()
    expect((await config('fetch'))['config.timeoutSeconds']).to.equal(60)

    await field.fill('70')
    await brunoSets(50)
    await inspector().getByRole('button', { name: 'Take theirs' }).click()
    expect(await field.inputValue()).to.equal('50')
    expect((await config('fetch'))['config.timeoutSeconds']).to.equal(50)
  })

  it('writes what was typed when another step is clicked', async () => {
    await open()
    await card('Fetch orders').click()
    await inspector().getByLabel('Timeout, seconds').fill('90')
    await card('Score risk').click()
    await inspector().getByRole('heading', { name: 'Score risk' }).waitFor()
    expect((await config('fetch'))['config.timeoutSeconds']).to.equal(90)
    expect((await config('score'))['config.timeoutSeconds']).to.equal(undefined)
  })

  it('saves no JSON that is none, and says where it is wrong', async () => {
    await open()
    await card('Fetch orders').click()
    await page.evaluate(() => {
      const { pipeline, steps } = window.tributary
      const value = { Accept: 'application/json' }
      return pipeline.execute([
        { type: 'ConfigureStep', stepId: steps.fetch, key: 'headers', value },
      ])
    })
    const headers = inspector().getByRole('textbox', { name: 'Headers' })
    await headers.fill('{\n  "Accept": \n}')
    await headers.blur()
    await inspector().getByText('look at line 3').waitFor()
    expect((await config('fetch'))['config.headers']).to.deep.equal({ Accept: 'application/json' })
    await headers.press('Escape')
    expect(await headers.inputValue()).to.contain('application/json')
  })

  it('says what is on this device only, and marks it in the history', async () => {
    await open()
    await card('Fetch orders').waitFor()
    await page.evaluate(() => window.tributary.replica.setStatus({ connection: 'offline' }))
    await card('Fetch orders').click()
    await inspector().getByLabel('Timeout, seconds').fill('61')
    await page.keyboard.press('Enter')
    await pill().filter({ hasText: 'Offline, 1 saved on this device' }).waitFor()
    await page.getByRole('tab', { name: 'History' }).click()
    const newest = inspector().getByRole('listitem').first()
    await newest
      .filter({ hasText: 'Changed Timeout, seconds of Fetch orders from 30 to 61' })
      .waitFor()
    expect(await newest.innerText()).to.contain('not sent yet')
    await page.evaluate(() => window.tributary.replica.setStatus({ connection: 'connected' }))
    await pill().filter({ hasText: 'Synced' }).waitFor()
    await newest.filter({ hasNotText: 'not sent yet' }).waitFor()
  })

  it('asks what to do with unsent edits before signing out', async () => {
    await open('path=/')
    await page.evaluate(() => {
      const { replica, pipeline } = window.tributary
      replica.setStatus({ connection: 'offline' })
      return pipeline.execute([{ type: 'RenamePipeline', name: 'Orders' }])
    })
    await page
      .getByRole('row', { name: /Orders/ })
      .getByText('1 waiting')
      .waitFor()
    await page.getByRole('button', { name: 'Account of Ada Berg' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    const question = page.getByRole('dialog', { name: 'Sign out?' })
    expect(await question.innerText()).to.contain('1 change is not on the server yet')
    await question.getByRole('button', { name: 'Cancel' }).click()
    expect(await page.evaluate(() => window.tributary.replica.stopped)).to.equal(false)
    await page.getByRole('button', { name: 'Account of Ada Berg' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await question.getByRole('button', { name: 'Keep them here and sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await page.evaluate(() => window.tributary.replica.stopped)).to.equal(true)
  })

  it('lets a viewer look and not edit', async () => {
    await open('role=viewer')
    await page.getByText('You can look at this, but not edit it.').waitFor()
    await card('Fetch orders').click()
    expect(await inspector().getByLabel('Name').isEditable()).to.equal(false)
    expect(await page.getByRole('button', { name: 'Schedule' }).count()).to.equal(0)
    await page.keyboard.press('Delete')
    await page.keyboard.press('d')
    expect((await config('fetch'))['enabled']).to.equal(true)
    expect(await card('Fetch orders').count()).to.equal(1)
  })

  it('keeps everything in reach at 400 pixels, on one line of header', async () => {
    await open('', { width: 400, height: 800 })
    await card('Fetch orders').tap()
    const header = await page.evaluate(() => {
      const { clientWidth, scrollWidth, clientHeight } = document.querySelector('.header')!
      const page = document.documentElement
      return { fits: scrollWidth <= clientWidth, height: clientHeight, page: page.scrollWidth }
    })
    expect(header).to.deep.equal({ fits: true, height: 47, page: 400 })
    await page.getByRole('button', { name: 'Settings of what is selected' }).tap()
    await inspector().getByRole('heading', { name: 'Fetch orders' }).waitFor()
    await page.getByRole('button', { name: 'Add a step' }).tap()
    await page.getByRole('button', { name: /^Webhook/ }).tap()
    await card('Webhook').waitFor()
  })

  it('gives every control a name', async () => {
    await open()
    await card('Fetch orders').click()
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, input, textarea, select')]
        .filter((control) => {
          const labels = (control as HTMLInputElement).labels
          const label = control.getAttribute('aria-label') ?? control.title
          return !label && !control.innerText.trim() && !labels?.length
        })
        .map((control) => control.outerHTML.slice(0, 120)),
    )
    expect(nameless).to.deep.equal([])
  })
})
