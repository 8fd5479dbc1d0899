import { expect } from 'chai'
import { contrastRatio } from '../../support/contrast.ts'
import { EditorVisits } from '../../support/editor-visits.ts'

describe('what the canvas shows, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  /** A CSS colour of an element as #rrggbb, and how much of it its ancestors let through. */
  const paint = (selector: string, property: 'color' | 'stroke' | 'borderTopColor') =>
    visits.page
      .locator(selector)
      .first()
      .evaluate((element, name) => {
        let opacity = 1
        for (let at: Element | null = element; at; at = at.parentElement) {
          opacity *= Number(getComputedStyle(at).opacity)
        }
        const parts = getComputedStyle(element)[name].match(/\d+/g)!.slice(0, 3).map(Number)
        const colour = `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
        return { colour, opacity }
      }, property)

  for (const [scheme, raised, bg, paper] of [
    ['light', '#ffffff', '#f6f7f5', '#f5ece1'],
    ['dark', '#1e2622', '#101513', '#212018'],
  ] as const) {
    it(`can be read and followed, ${scheme}`, async () => {
      const page = await visits.open()
      await page.emulateMedia({ colorScheme: scheme })
      await page.evaluate(async () => {
        const { pipeline, steps } = window.tributary
        const from = { stepId: steps.fetch, port: 'out0' }
        await pipeline.execute([
          { type: 'SetStepsEnabled', stepIds: [steps.score], enabled: false },
          { type: 'Connect', from, to: { stepId: steps.score, port: 'in0' } },
        ])
      })
      await page.getByRole('button', { name: 'Add a note' }).click()
      await page.keyboard.press('Escape')
      for (const [selector, property, ground, least] of [
        ['.step-card.disabled .step-name', 'color', raised, 4.5],
        ['.step-card.disabled .step-summary', 'color', raised, 4.5],
        ['.note-empty', 'color', paper, 4.5],
        ['.wire-line', 'stroke', bg, 3],
        ['.step-port', 'borderTopColor', bg, 3],
      ] as const) {
        const { colour, opacity } = await paint(selector, property)
        expect(opacity, selector).to.equal(1)
        expect(contrastRatio(colour, ground), selector).to.be.at.least(least)
      }
    })
  }
})
