import { expect } from 'chai'
import { EditorVisits } from '../../support/editor-visits.ts'

const FETCH = 'group HTTP request Fetch orders, 0 connections'

describe('the focus in the editor, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()
  const card = (name: string) => visits.card(name)

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  /** Ada and Bruno set two fields of “Fetch orders” without having seen each other. */
  const twoConflicts = () =>
    visits.page.evaluate(async () => {
      const { bruno, pipeline, steps } = window.tributary
      const set = { type: 'ConfigureStep', stepId: steps.fetch } as const
      const device = bruno().execute([
        { ...set, key: 'timeoutSeconds', value: 45 },
        { ...set, key: 'url', value: 'https://a.test' },
      ])
      await pipeline.execute([
        { ...set, key: 'timeoutSeconds', value: 60 },
        { ...set, key: 'url', value: 'https://b.test' },
      ])
      device.send()
    })

  it('goes back to the card after a rename on the canvas', async () => {
    const page = await visits.open()
    for (const key of ['Escape', 'Enter']) {
      await card('Fetch orders').click()
      await page.keyboard.press('F2')
      await visits.focusIsOn('input Name of the step')
      await page.keyboard.press(key)
      await visits.focusIsOn(FETCH)
    }
  })

  it('goes back to the card after a note', async () => {
    const page = await visits.open()
    await card('Fetch orders').waitFor()
    await page.getByRole('button', { name: 'Add a note' }).click()
    await visits.focusIsOn('textarea Text of the note')
    await page.keyboard.type('Ask')
    await page.keyboard.press('Control+Enter')
    await visits.focusIsOn('group Note: Ask')
  })

  it('goes back to the title after a rename there', async () => {
    const page = await visits.open()
    await page.getByRole('button', { name: 'Order intake', exact: true }).click()
    await page.keyboard.press('Escape')
    await visits.focusIsOn('button Order intake')
    await page.keyboard.press('Enter')
    await page.keyboard.type('Returns')
    await page.keyboard.press('Enter')
    await visits.focusIsOn('button Returns')
  })

  it('goes to the field that a conflict was about, and to the next one in the list', async () => {
    const page = await visits.open()
    await twoConflicts()
    await card('Fetch orders').click()
    await visits.inspector.getByRole('button', { name: 'Keep 45' }).press('Enter')
    await visits.focusIsOn('input Timeout, seconds')
    await page.getByRole('tab', { name: 'Conflicts 1' }).click()
    await visits.inspector.getByRole('button', { name: 'Keep https://a.test' }).press('Enter')
    await visits.inspector.getByText('No conflicts').waitFor()
    expect(await visits.focused()).to.match(/^div Conflicts/)
  })

  it('goes to the next conflict when one is settled', async () => {
    const page = await visits.open()
    await twoConflicts()
    await page.getByRole('tab', { name: 'Conflicts 2' }).click()
    await visits.inspector.getByRole('button', { name: /^Keep/ }).first().press('Enter')
    await page.getByRole('tab', { name: 'Conflicts 1' }).waitFor()
    expect(await visits.focused()).to.match(/^button Keep/)
  })

  it('goes to the setting that was added, and back where none was', async () => {
    const page = await visits.open()
    await card('Fetch orders').click()
    await visits.inspector.getByRole('button', { name: 'Add a setting' }).press('Enter')
    await page.keyboard.press('Escape')
    await visits.focusIsOn('button Add a setting')
    await page.keyboard.press('Enter')
    await page.keyboard.type('zone')
    await page.keyboard.press('Enter')
    await visits.focusIsOn('input Zone')
  })

  it('goes back to the menu that a dialog was opened from', async () => {
    const page = await visits.open()
    await card('Fetch orders').waitFor()
    for (const entry of ['Tag version', 'This device', /^Keyboard/]) {
      await page.getByRole('button', { name: 'Menu', exact: true }).click()
      await page.getByRole('menuitem', { name: entry }).click()
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await visits.focusIsOn('button Menu')
    }
    await page.getByRole('button', { name: 'Tag version' }).press('Enter')
    await visits.focusIsOn('input Name')
    await page.keyboard.press('Escape')
    await visits.focusIsOn('button Tag version')
    await page.getByRole('button', { name: 'Sync: Synced' }).click()
    await page.getByRole('button', { name: 'This device' }).click()
    await page.getByRole('dialog', { name: 'This device' }).waitFor()
    await page.keyboard.press('Escape')
    await visits.focusIsOn('button Sync: Synced')
  })

  it('leads out of the inspector with Escape, once what was typed is taken back', async () => {
    const page = await visits.open()
    await card('Fetch orders').click()
    const name = visits.inspector.getByLabel('Name')
    await name.fill('Fetch')
    await name.press('Escape')
    expect(await name.inputValue()).to.equal('Fetch orders')
    await visits.focusIsOn('input Name')
    await page.keyboard.press('Escape')
    await visits.focusIsOn(FETCH)
  })

  it('stays in the inspector when that shows something else', async () => {
    const page = await visits.open()
    await page.evaluate(() => {
      const { pipeline, steps } = window.tributary
      const from = { stepId: steps.fetch, port: 'out0' }
      return pipeline.execute([{ type: 'Connect', from, to: { stepId: steps.score, port: 'in0' } }])
    })
    await card('Score risk').click()
    await visits.inspector
      .getByRole('button', { name: 'From Fetch orders', exact: true })
      .press('Enter')
    await visits.inspector.getByRole('heading', { name: 'Connection', exact: true }).waitFor()
    expect(await visits.focused()).to.match(/^div Connection/)
    await visits.inspector.getByRole('button', { name: 'Disconnect' }).press('Enter')
    await visits.focusIsOn('section Pipeline Order intake')
  })

  it('is the canvas’s again after a click on the ground of the inspector', async () => {
    const page = await visits.open()
    await card('Score risk').click()
    await visits.inspector.getByRole('heading', { name: 'Score risk' }).click()
    await page.keyboard.press('Delete')
    await card('Score risk').waitFor({ state: 'detached' })
  })
})
