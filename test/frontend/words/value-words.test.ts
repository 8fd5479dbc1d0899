import { expect } from 'chai'
import { shortened, valueWords } from '../../../frontend/words/value-words.ts'

describe('a value in one line', () => {
  it('has words for what has no text', () => {
    const values = [undefined, '', true, false, null, 0, { a: [1] }]
    expect(values.map((value) => valueWords(value))).to.deep.equal([
      'nothing',
      'empty',
      'yes',
      'no',
      'null',
      '0',
      '{"a":[1]}',
    ])
  })
  it('is cut, and lines run together', () => {
    expect(valueWords('a\n  b')).to.equal('a b')
    expect(shortened('x'.repeat(70)))
      .to.have.length(60)
      .and.match(/…$/)
    expect(shortened('x'.repeat(60))).to.equal('x'.repeat(60))
  })
})
