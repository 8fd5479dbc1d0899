import { expect } from 'chai'
import { fieldLabel, keyLabel } from '../../../frontend/words/field-label.ts'

describe('the label of a key', () => {
  for (const [key, label] of [
    ['url', 'URL'],
    ['timeoutSeconds', 'Timeout, seconds'],
    ['seconds', 'Seconds'],
    ['max_retries', 'Max retries'],
    ['httpMethod', 'HTTP method'],
    ['API_KEY', 'API KEY'],
    ['x', 'X'],
    ['__', '__'],
  ] as const) {
    it(`is "${label}" for ${key}`, () => expect(keyLabel(key)).to.equal(label))
  }
  it('is the same for the field of a config key', () => {
    expect(fieldLabel('config.timeoutSeconds')).to.equal('Timeout, seconds')
    expect(fieldLabel('graphRule')).to.equal('Cycles')
  })
})
