import { expect } from 'chai'
import { EditorVisits } from '../../../support/editor-visits.ts'

describe('a dialog, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  it('starts in its first field', async () => {
    const page = await visits.open({ query: 'path=/' })
    await page.getByRole('button', { name: 'New pipeline' }).first().click()
    await visits.focusIsOn('input Name')
    await page.keyboard.type('Returns')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Returns' }).waitFor()
  })

  it('starts on what it is for where it has no field', async () => {
    const page = await visits.open({ query: 'path=/' })
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByRole('dialog').waitFor()
    expect(await visits.focused()).to.match(/^button Choose a file/)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Account of Ada Berg' }).click()
    await page.getByRole('menuitem', { name: 'This device' }).click()
    await visits.focusIsOn('button Sync now')
  })

  it('starts on itself where there is only something to read', async () => {
    const page = await visits.open()
    await visits.card('Fetch orders').waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    expect(await visits.focused()).to.match(/^dialog Keyboard/)
  })
})
