import { expect } from 'chai'
import { EditorVisits } from '../../support/editor-visits.ts'

describe('what the pages say, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  it('offers nothing to do with a pipeline that is not here', async () => {
    const page = await visits.open({ query: 'path=/p/0d0d0d0d-0000-7000-8000-000000000009' })
    await page.getByRole('heading', { name: 'This pipeline is not here' }).waitFor()
    for (const name of ['Share', 'Tag version']) {
      expect(await page.getByRole('button', { name, exact: true }).isDisabled(), name).to.equal(
        true,
      )
    }
    expect(await page.getByRole('tab').count()).to.equal(0)
    await page.getByRole('button', { name: 'Menu', exact: true }).click()
    for (const name of ['Tag version', 'Copy link', 'Archive']) {
      const entry = page.getByRole('menuitem', { name, exact: true })
      expect(await entry.getAttribute('aria-disabled'), name).to.equal('true')
    }
  })

  it('says to somebody without a team why there is nothing to make', async () => {
    const page = await visits.open({ query: 'path=/&teams=none' })
    await page.getByText(/Ask an owner of one for an invitation link/).waitFor()
    expect(await page.getByRole('button', { name: 'New pipeline' }).isDisabled()).to.equal(true)
  })

  it('says to a viewer why nothing can be made', async () => {
    const page = await visits.open({ query: 'path=/&role=viewer' })
    await page.getByText(/ask an owner to let you edit/).waitFor()
  })

  it('says that a team is not here, without its controls', async () => {
    const page = await visits.open({ query: 'path=/teams/TEAM&teams=none' })
    await page.getByRole('heading', { name: 'This team is not here' }).waitFor()
    expect(await page.getByText('Only owners').count()).to.equal(0)
    await page.getByRole('link', { name: 'Back to the list' }).click()
    await page.getByRole('heading', { name: 'Pipelines' }).waitFor()
  })

  it('says at the field that a name is needed', async () => {
    const page = await visits.open()
    await visits.card('Fetch orders').click()
    const name = visits.inspector.getByLabel('Name')
    await name.fill('')
    await name.blur()
    await visits.inspector.getByRole('alert').filter({ hasText: 'A name is needed.' }).waitFor()
    expect(await name.getAttribute('aria-invalid')).to.equal('true')
    await visits.card('Fetch orders').waitFor()
    await name.press('Escape')
    expect(await name.inputValue()).to.equal('Fetch orders')

    await page.getByRole('button', { name: 'Order intake', exact: true }).click()
    const title = page.getByLabel('Name of the pipeline')
    await title.fill(' ')
    await title.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'A name is needed.' }).waitFor()
    expect(await title.getAttribute('aria-invalid')).to.equal('true')
    await title.blur()
    await page.getByRole('button', { name: 'Order intake', exact: true }).waitFor()
  })

  it('names the ports of a connection where there is a choice, and its state in words', async () => {
    const page = await visits.open()
    await page.evaluate(() => {
      const { pipeline, steps } = window.tributary
      const from = { stepId: steps.fetch, port: 'out0' }
      return pipeline.execute([{ type: 'Connect', from, to: { stepId: steps.score, port: 'in0' } }])
    })
    await visits.card('Score risk').click()
    await visits.inspector.getByRole('button', { name: 'From Fetch orders', exact: true }).click()
    await visits.inspector.getByRole('heading', { name: 'Connection', exact: true }).waitFor()
    const said = (await visits.inspector.innerText()).split('\n').filter((line) => line.trim())
    expect(said).to.deep.equal(['Connection', 'Active', 'Fetch orders', 'Score risk', 'Disconnect'])
  })
})
