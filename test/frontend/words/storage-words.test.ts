import { expect } from 'chai'
import { sizeWords, storageWords } from '../../../frontend/words/storage-words.ts'

describe('the storage of this device', () => {
  const estimate = { usedBytes: 4_210_000, quotaBytes: 1_500_000_000, persisted: false }
  it('says how much is used and whether it is safe', () => {
    expect(storageWords('durable', estimate)).to.equal(
      '4.2 MB of 1.5 GB used. The browser may clear it when space runs short.',
    )
    expect(storageWords('durable', { ...estimate, persisted: true })).to.contain('keeps it')
  })
  it('says so where nothing is stored', () => {
    expect(storageWords('memory', estimate)).to.contain('Nothing')
    expect(storageWords('failed', estimate)).to.contain('not stored')
  })
  it('rounds sizes', () => {
    expect([900, 312_400, 12_000_000].map(sizeWords)).to.deep.equal(['1 KB', '312 KB', '12 MB'])
  })
})
