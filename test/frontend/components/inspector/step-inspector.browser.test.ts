import { expect } from 'chai'
import { EditorVisits } from '../../../support/editor-visits.ts'

describe('the inspector of a step, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()
  const card = (name: string) => visits.card(name)

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  it('removes the step without a keyboard, and undo brings it back', async () => {
    const page = await visits.open({ width: 400 })
    await card('Fetch orders').tap()
    await page.getByRole('button', { name: 'Settings of what is selected' }).tap()
    await visits.inspector.getByRole('button', { name: 'Remove step' }).tap()
    await card('Fetch orders').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Menu' }).tap()
    await page.getByRole('menuitem', { name: 'Undo' }).tap()
    await card('Fetch orders').waitFor()
  })

  it('goes on with the keyboard after a removal', async () => {
    const page = await visits.open()
    await card('Fetch orders').click()
    await visits.inspector.getByRole('button', { name: 'Remove step' }).press('Enter')
    await card('Fetch orders').waitFor({ state: 'detached' })
    await visits.focusIsOn('section Pipeline Order intake')
    await page.keyboard.press('Control+z')
    await card('Fetch orders').waitFor()
  })

  it('removes nothing for somebody who may only look', async () => {
    await visits.open({ query: 'role=viewer' })
    await card('Fetch orders').click()
    await visits.inspector.getByRole('button', { name: 'History of this step' }).waitFor()
    expect(await visits.inspector.getByRole('button', { name: 'Remove step' }).count()).to.equal(0)
  })
})
