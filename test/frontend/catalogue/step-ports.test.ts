import { expect } from 'chai'
import { isAttachment, portTitle, portsOf } from '../../../frontend/catalogue/step-ports.ts'

const none = { inputs: [], outputs: [] }

describe('the ports of a step', () => {
  it('are those of its kind', () => {
    expect(portsOf({ kind: 'schedule' }, none)).to.deep.equal({ inputs: [], outputs: ['out0'] })
    expect(portsOf({ kind: 'condition' }, none).outputs).to.deep.equal(['out0', 'out1'])
    expect(portsOf({ kind: 'unheard-of' }, none)).to.deep.equal({
      inputs: ['in0'],
      outputs: ['out0'],
    })
  })

  it('are also those that a connection uses, in the order of their numbers', () => {
    const used = { inputs: ['in0', 'trigger'], outputs: ['out10', 'out2', 'out0', 'out2'] }
    expect(portsOf({ kind: 'http' }, used)).to.deep.equal({
      inputs: ['in0', 'trigger'],
      outputs: ['out0', 'out2', 'out10'],
    })
  })

  it('are only what hangs for a step that others use', () => {
    const used = { inputs: [], outputs: ['ai_languageModel'] }
    expect(portsOf({ kind: 'ai-model' }, used)).to.deep.equal({
      inputs: [],
      outputs: ['ai_languageModel'],
    })
    expect(portsOf({ kind: 'ai-model' }, none).inputs).to.deep.equal(['in0'])
  })

  it('are as many as an imported step had, within reason', () => {
    const foreign = { outputs: ['out3', 'ai_tool', 7] }
    expect(portsOf({ kind: 'switch', foreign }, none).outputs).to.deep.equal([
      ...['out0', 'out1', 'out2', 'ai_tool', 'out3'],
    ])
    const many = portsOf({ kind: 'switch', foreign: { outputs: ['out999'] } }, none).outputs
    expect(many).to.have.length(32)
    for (const odd of [null, 'out1', ['out1'], { outputs: 'out1' }]) {
      expect(portsOf({ kind: 'http', foreign: odd }, none).outputs).to.deep.equal(['out0'])
    }
  })
})

describe('the name of a port on screen', () => {
  it('is what the port means', () => {
    expect(portTitle('condition', 'out1')).to.equal('False')
    expect(portTitle('switch', 'out1')).to.equal('2')
    expect(portTitle('ai-agent', 'ai_languageModel')).to.equal('Model')
    expect(portTitle('ai-agent', 'ai_reranker')).to.equal('Reranker')
    expect(portTitle('http', 'onError')).to.equal('On error')
    expect(portTitle('condition', 'constructor')).to.equal('Constructor')
  })

  it('hangs below where it is about what a step uses', () => {
    expect(['ai_tool', 'out0', 'in0'].map(isAttachment)).to.deep.equal([true, false, false])
  })
})
