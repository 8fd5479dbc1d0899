import { expect } from 'chai'
import { uniqueNames } from '../../../domain/formats/unique-names.ts'

describe('names made unique', () => {
  it('leave the first of each as it is', () => {
    expect(uniqueNames(['A', 'B', 'A', 'A', 'B'])).to.deep.equal(['A', 'B', 'A 1', 'A 2', 'B 1'])
  })

  it('never take a name that comes later', () => {
    expect(uniqueNames(['A', 'A', 'A 1', 'A 1'])).to.deep.equal(['A', 'A 2', 'A 1', 'A 1 1'])
  })

  it('are not longer than a name may be', () => {
    const long = 'n'.repeat(1_000)
    expect(uniqueNames([long, long])).to.deep.equal([long, `${'n'.repeat(998)} 1`])
  })
})
