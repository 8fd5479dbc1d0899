import { expect } from 'chai'
import { EditorVisits } from '../../support/editor-visits.ts'

describe('a large pipeline without connections, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  /** How much of the canvas the cards take, and whether they are all inside. */
  const spread = () =>
    visits.page.evaluate(() => {
      const canvas = document.querySelector('.vue-flow')!.getBoundingClientRect()
      const boxes = [...document.querySelectorAll('.vue-flow__node')].map((node) =>
        node.getBoundingClientRect(),
      )
      const left = Math.min(...boxes.map((box) => box.left))
      const right = Math.max(...boxes.map((box) => box.right))
      return { inside: left >= canvas.left && right <= canvas.right, first: left - canvas.left }
    })

  it('is read from its first step on, and is seen whole when it is asked for', async () => {
    const page = await visits.open({ query: 'steps=120' })
    await page.locator('.vue-flow__node').first().waitFor()
    await page.waitForTimeout(300)
    expect(await spread()).to.deep.equal({ inside: false, first: 40 })
    await page.keyboard.press('f')
    await page.waitForTimeout(500)
    expect((await spread()).inside).to.equal(true)
  })
})
