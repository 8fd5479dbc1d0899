import { expect } from 'chai'
import { createSafeStorage } from '../../../frontend/session/safe-storage.ts'
import { MemoryStorage } from '../../support/test-app.ts'

describe('the browser’s storage', () => {
  it('is used where it works', () => {
    const real = new MemoryStorage()
    const safe = createSafeStorage(() => real)
    safe.setItem('a', '1')
    expect([real.items.get('a'), safe.getItem('a'), safe.getItem('b')]).to.deep.equal([
      '1',
      '1',
      null,
    ])
    safe.removeItem('a')
    expect([real.items.size, safe.getItem('a')]).to.deep.equal([0, null])
  })

  it('gives way to memory where even naming it throws', () => {
    const safe = createSafeStorage(() => {
      throw new DOMException('blocked', 'SecurityError')
    })
    safe.setItem('a', '1')
    expect(safe.getItem('a')).to.equal('1')
    safe.removeItem('a')
    expect(safe.getItem('a')).to.equal(null)
  })

  it('gives the newer value where the store is full', () => {
    const real = new MemoryStorage()
    real.items.set('a', 'old')
    const full = {
      getItem: real.getItem,
      removeItem: real.removeItem,
      setItem() {
        throw new DOMException('full', 'QuotaExceededError')
      },
    }
    const safe = createSafeStorage(() => full)
    safe.setItem('a', 'new')
    expect(safe.getItem('a')).to.equal('new')
  })
})
