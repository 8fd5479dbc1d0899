import { expect } from 'chai'
import { EditorVisits } from '../../support/editor-visits.ts'

describe('the way about the pages, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  const selected = async () => {
    const names = await visits.page.locator('.step-card.selected .step-name').allInnerTexts()
    return names.sort()
  }
  const viewport = () =>
    visits.page
      .locator('.vue-flow__transformationpane')
      .evaluate((pane) => new DOMMatrix(getComputedStyle(pane).transform).e)

  it('leads from the first Tab to the canvas, which is the main part of the page', async () => {
    const page = await visits.open()
    await visits.card('Fetch orders').waitFor()
    await page.keyboard.press('Tab')
    await visits.focusIsOn('button Go to the canvas')
    await page.keyboard.press('Enter')
    await visits.focusIsOn('section Pipeline Order intake')
    await page.keyboard.press('Tab')
    await visits.focusIsOn('group Schedule Every 15 minutes, 0 connections')
    await page.getByRole('main').getByRole('region', { name: 'Pipeline Order intake' }).waitFor()
  })

  it('selects what a rectangle touches with Shift, and one more with Ctrl, as the help says', async () => {
    const page = await visits.open()
    const fetch = (await visits.card('Fetch orders').boundingBox())!
    const score = (await visits.card('Score risk').boundingBox())!
    await page.keyboard.down('Shift')
    await page.mouse.move(fetch.x + 20, fetch.y - 60)
    await page.mouse.down()
    await page.mouse.move(score.x + 20, score.y + 20, { steps: 5 })
    await page.mouse.up()
    await page.keyboard.up('Shift')
    await page.waitForTimeout(100)
    expect(await selected()).to.deep.equal(['Fetch orders', 'Score risk'])

    await visits.card('Every 15 minutes').click()
    await visits.card('Score risk').click({ modifiers: ['Control'] })
    await page.waitForTimeout(100)
    expect(await selected()).to.deep.equal(['Every 15 minutes', 'Score risk'])
  })

  it('moves the view with Space, even from a card, as the help says', async () => {
    const page = await visits.open()
    const { x, y } = (await visits.card('Fetch orders').boundingBox())!
    const before = await viewport()
    await page.mouse.move(x + 60, y + 20)
    await page.keyboard.down(' ')
    await page.mouse.down()
    await page.mouse.move(x + 160, y + 20, { steps: 5 })
    await page.mouse.up()
    await page.keyboard.up(' ')
    expect((await viewport()) - before).to.be.closeTo(100, 2)
  })

  it('keeps the last change on one line, however long a pipeline is called', async () => {
    const name = 'Collect the orders of every shop and all their returns '.repeat(3)
    for (const long of [name, 'x'.repeat(200)]) {
      const page = await visits.open({ query: `path=/&listed=${long}`, width: 1000 })
      const change = page.locator('.when').filter({ hasText: 'Bruno Costa, 25 min ago' })
      const box = (await change.boundingBox())!
      expect(box.height).to.be.lessThan(24)
      expect(box.width).to.be.greaterThan(130)
      const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
      expect(fits).to.equal(true)
      await visits.leave()
    }
  })
})
