import { expect } from 'chai'
import { chromiumPlaces } from '../support/chromium.ts'

describe('chromiumPlaces', () => {
  it('prefers the first folder of PATH, and chromium in it', () => {
    const places = chromiumPlaces('linux', { PATH: '/opt/bin:/usr/bin' }, '/home')
    expect(places.slice(0, 2)).to.deep.equal(['/opt/bin/chromium', '/opt/bin/chromium-browser'])
    expect(places).to.include('/usr/bin/google-chrome-stable')
  })

  it('knows where Chrome is on macOS, for everybody and for one person', () => {
    const places = chromiumPlaces('darwin', {}, '/somebody')
    const chrome = 'Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
    expect(places).to.include(`/${chrome}`).and.include(`/somebody/${chrome}`)
  })

  it('knows where Chrome is on Windows', () => {
    const places = chromiumPlaces('win32', { PROGRAMFILES: 'C:/Programs' }, '')
    expect(places).to.deep.equal(['C:/Programs/Google/Chrome/Application/chrome.exe'])
  })
})
