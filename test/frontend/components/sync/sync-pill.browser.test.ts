import { EditorVisits } from '../../../support/editor-visits.ts'

describe('the pill of the sync, in a browser', function () {
  this.timeout(120_000)
  const visits = new EditorVisits()

  before(() => visits.begin())
  after(() => visits.end())
  afterEach(() => visits.leave())

  for (const width of [400, 1440]) {
    it(`is a button with a name, and what changes is read out, at ${width} pixels`, async () => {
      const page = await visits.open({ width })
      await page.getByRole('status').filter({ hasText: 'Synced' }).waitFor()
      await page.evaluate(() => window.tributary.replica.setStatus({ connection: 'offline' }))
      await page.getByRole('status').filter({ hasText: 'Offline' }).waitFor()
      await page.getByRole('button', { name: 'Sync: Offline', exact: true }).click()
      await page.getByRole('heading', { name: 'Offline' }).waitFor()
    })
  }
})
