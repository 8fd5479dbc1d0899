import { expect } from 'chai'
import { challengeSentence } from '../../../frontend/words/challenge-sentence.ts'
import { sentenceText } from '../../../frontend/words/sentence.ts'

describe('a write that arrived while somebody was typing', () => {
  it('says who, and what stands there now', () => {
    expect(sentenceText(challengeSentence('Bruno', 45))).to.equal(
      'Bruno changed this to 45 while you were typing.',
    )
    expect(sentenceText(challengeSentence('Bruno', undefined))).to.equal(
      'Bruno cleared this while you were typing.',
    )
    expect(sentenceText(challengeSentence('You', true))).to.equal(
      'You changed this elsewhere to yes while you were typing.',
    )
  })
})
