import { expect } from 'chai'
import { EditorVisits } from '../../support/editor-visits.ts'

describe('the keys of the canvas, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  const outline = (name: string) =>
    visits.page.locator('.outline').getByRole('button', { name, exact: true })
  const placed = () =>
    visits.page.evaluate(() => {
      const { pipeline, steps } = window.tributary
      return pipeline.state.steps.get(steps.score)!.fields.get('placement')![0]!.value
    })

  it('work on a step that was dragged in from the palette', async () => {
    const page = await visits.open()
    await visits.card('Fetch orders').waitFor()
    const target = page.getByRole('region', { name: 'Pipeline Order intake' })
    await page
      .getByRole('button', { name: /^Webhook/ })
      .dragTo(target, { targetPosition: { x: 300, y: 500 } })
    await visits.card('Webhook').waitFor()
    await visits.focusIsOn('section Pipeline Order intake')
    await page.keyboard.press('Delete')
    await visits.card('Webhook').waitFor({ state: 'detached' })
  })

  it('work on a step that was chosen in the outline', async () => {
    const page = await visits.open()
    await outline('Score risk').click()
    await visits.focusIsOn('group Code Score risk, 0 connections')
    await page.keyboard.press('ArrowDown')
    expect(await placed()).to.deep.equal({ x: 520, y: 110 })
    await page.keyboard.press('F2')
    await visits.focusIsOn('input Name of the step')
    await page.keyboard.type('Rate it')
    await page.keyboard.press('Enter')
    await outline('Rate it').press('Enter')
    await page.keyboard.press('Delete')
    await visits.card('Rate it').waitFor({ state: 'detached' })
  })

  it('work after a click on a card, wherever the focus was', async () => {
    const page = await visits.open()
    await page.getByLabel('Search steps').click()
    await visits.card('Score risk').click()
    await page.keyboard.press('Delete')
    await visits.card('Score risk').waitFor({ state: 'detached' })
  })

  it('open the settings with Enter, in their first field', async () => {
    const page = await visits.open()
    await outline('Score risk').press('Enter')
    await visits.focusIsOn('group Code Score risk, 0 connections')
    await page.keyboard.press('Enter')
    await visits.focusIsOn('input Name')
    expect(await visits.inspector.getByLabel('Name').inputValue()).to.equal('Score risk')
  })

  it('open the settings from the history too', async () => {
    const page = await visits.open()
    await visits.card('Score risk').click()
    await page.getByRole('tab', { name: 'History' }).click()
    await visits.card('Score risk').focus()
    await page.keyboard.press('Enter')
    await visits.focusIsOn('input Name')
  })
})
