import { expect } from 'chai'
import { EditorVisits } from '../../support/editor-visits.ts'

describe('a note on the canvas, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  const notes = () =>
    visits.page.evaluate(() =>
      [...window.tributary.pipeline.state.notes.values()].map(({ fields }) => ({
        text: fields.get('text')?.[0]?.value,
        placement: fields.get('placement')?.[0]?.value as { x: number; y: number },
      })),
    )
  const addNote = async () => {
    await visits.page.getByRole('button', { name: 'Add a note' }).click()
    await visits.focusIsOn('textarea Text of the note')
  }

  it('takes the typing as soon as it is added', async () => {
    const page = await visits.open()
    await addNote()
    await page.keyboard.type('no steps now')
    await page.keyboard.press('Backspace')
    await page.keyboard.press('Control+Enter')
    await visits.card('no steps no').waitFor()
    expect((await notes()).map(({ text }) => text)).to.deep.equal(['no steps no'])
    expect(await page.locator('.step-card').count()).to.equal(3)
  })

  it('lies on the grid and on no card', async () => {
    await visits.open()
    await addNote()
    const [note] = await notes()
    expect([note!.placement.x % 10, note!.placement.y % 10].map(Math.abs)).to.deep.equal([0, 0])
    const box = (await visits.page.locator('.note-card').boundingBox())!
    for (const card of await visits.page.locator('.step-card').all()) {
      const other = (await card.boundingBox())!
      const apart =
        box.x >= other.x + other.width ||
        other.x >= box.x + box.width ||
        box.y >= other.y + other.height ||
        other.y >= box.y + box.height
      expect(apart).to.equal(true)
    }
  })

  it('keeps the text when something else is selected', async () => {
    const page = await visits.open()
    await addNote()
    await page.keyboard.type('Ask Bruno')
    await visits.card('Score risk').click()
    await page.locator('.note-text').filter({ hasText: 'Ask Bruno' }).waitFor()
    expect(await page.locator('.note-field').count()).to.equal(0)
    expect((await notes()).map(({ text }) => text)).to.deep.equal(['Ask Bruno'])
  })
})
