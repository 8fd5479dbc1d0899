import { expect } from 'chai'
import { counted, listed } from '../../../frontend/words/counted.ts'

describe('counting in words', () => {
  it('has one form for one and another for the rest', () => {
    expect([0, 1, 2, 1204].map((count) => counted(count, 'step'))).to.deep.equal([
      '0 steps',
      '1 step',
      '2 steps',
      '1,204 steps',
    ])
    expect(counted(2, 'entry', 'entries')).to.equal('2 entries')
  })
  it('lists with commas and one “and”', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).to.deep.equal([
      '',
      'a',
      'a and b',
      'a, b and c',
    ])
  })
})
