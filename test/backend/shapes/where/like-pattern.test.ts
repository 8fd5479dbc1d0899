import { expect } from 'chai'
import { likeMatcher } from '../../../../backend/shapes/where/like-pattern.ts'

describe('a pattern of LIKE', () => {
  it('takes time in proportion to the text, whatever is in it', () => {
    const matches = likeMatcher(`${'%a'.repeat(150)}%b`, false)
    expect(matches('a'.repeat(100_000))).to.be.false
    expect(matches(`${'a'.repeat(1_000)}b`)).to.be.true
  })

  it('counts characters and not the units that they are stored in', () => {
    expect(likeMatcher('_', false)('\u{1f600}')).to.be.true
    expect(likeMatcher('__', false)('\u{1f600}')).to.be.false
  })

  it('ignores the case of ASCII alone', () => {
    expect(likeMatcher('%PIPE%', true)('my pipeline')).to.be.true
    expect(likeMatcher('É', true)('é')).to.be.false
  })
})
