import { expect } from 'chai'
import { EditorVisits } from '../../../support/editor-visits.ts'

describe('a tooltip, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  it('is a label of the opposite ground over everything, in both themes', async () => {
    const page = await visits.open()
    await visits.card('Fetch orders').waitFor()
    await page.keyboard.press('Control+a')
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.getByRole('button', { name: 'Align left' }).hover()
      const look = await page.locator('.tooltip').evaluate((tooltip) => {
        const { backgroundColor, paddingLeft, zIndex } = getComputedStyle(tooltip)
        return { backgroundColor, paddingLeft, zIndex }
      })
      expect(look).to.deep.equal({
        backgroundColor: scheme === 'light' ? 'rgb(23, 33, 28)' : 'rgb(231, 237, 233)',
        paddingLeft: '8px',
        zIndex: '50',
      })
      await page.mouse.move(400, 500)
      await page.locator('.tooltip').waitFor({ state: 'detached' })
    }
  })
})
