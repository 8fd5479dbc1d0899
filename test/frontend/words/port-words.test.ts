import { expect } from 'chai'
import { joinedWords, portWords } from '../../../frontend/words/port-words.ts'

describe('a port, in words', () => {
  it('is what its kind calls it, and a number says of what', () => {
    expect(portWords('condition', 'output', 'out0')).to.equal('True')
    expect(portWords('switch', 'output', 'out2')).to.equal('output 3')
    expect(portWords('merge', 'input', 'in1')).to.equal('input 2')
    expect(portWords('ai-agent', 'input', 'ai_languageModel')).to.equal('Model')
  })
})

describe('the two ports of a connection, in words', () => {
  it('are named where there is a choice', () => {
    expect(joinedWords('True', 'input 2')).to.equal('True to input 2')
    expect(joinedWords('output 3', null)).to.equal('Output 3')
    expect(joinedWords(null, 'Model')).to.equal('Model')
    expect(joinedWords(null, null)).to.equal('')
  })
})
