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

  it('connects and disconnects by the keyboard alone', async () => {
    const page = await visits.open()
    await card('Fetch orders').click()
    const section = visits.inspector.getByRole('region', { name: 'Connections' })
    const target = section.getByLabel('Connect to')
    await target.focus()
    await target.selectOption({ label: 'Score risk' })
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await section.getByRole('button', { name: 'To Score risk', exact: true }).waitFor()
    await visits.focusIsOn('select Connect to')

    await card('Score risk').click()
    await section.getByRole('button', { name: 'From Fetch orders', exact: true }).waitFor()
    await target.focus()
    const back = target.getByRole('option', { name: 'Fetch orders: it would close a cycle' })
    expect(await back.isDisabled()).to.equal(true)
    expect(await target.getByRole('option').allInnerTexts()).to.not.include('Every 15 minutes')

    await section.getByRole('button', { name: 'Remove the connection from Fetch orders' }).focus()
    await page.keyboard.press('Enter')
    await section.getByText('This step is not connected.').waitFor()
    await visits.focusIsOn('select Connect to')
  })
})
