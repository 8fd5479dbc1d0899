import { expect } from 'chai'
import { launchChromium } from '../support/chromium.ts'

describe('launchChromium', () => {
  it('gives a browser that runs a page and loses its network on demand', async () => {
    const browser = await launchChromium()
    try {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.setContent('<h1>ready</h1>')
      expect(await page.textContent('h1')).to.equal('ready')
      await context.setOffline(true)
      expect(await page.evaluate(() => navigator.onLine)).to.equal(false)
    } finally {
      await browser.close()
    }
  })
})
