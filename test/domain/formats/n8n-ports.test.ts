import { expect } from 'chai'
import fc from 'fast-check'
import { n8nPortOf, portOf } from '../../../domain/formats/n8n-ports.ts'

describe('the ports of an n8n connection', () => {
  it('are numbered by side where the type is main', () => {
    expect(portOf('out', { type: 'main', index: 0 })).to.equal('out0')
    expect(portOf('in', { type: 'main', index: 2 })).to.equal('in2')
  })

  it('are called by any other type, with the index from 1 on', () => {
    expect(portOf('out', { type: 'ai_tool', index: 0 })).to.equal('ai_tool')
    expect(portOf('in', { type: 'ai_tool', index: 1 })).to.equal('ai_tool1')
  })

  it('are read back', () => {
    expect(n8nPortOf('out', 'out12')).to.deep.equal({ type: 'main', index: 12 })
    expect(n8nPortOf('in', 'in0')).to.deep.equal({ type: 'main', index: 0 })
    expect(n8nPortOf('in', 'ai_tool')).to.deep.equal({ type: 'ai_tool', index: 0 })
    expect(n8nPortOf('in', 'ai_tool12')).to.deep.equal({ type: 'ai_tool', index: 12 })
    expect(n8nPortOf('out', 'in0')).to.deep.equal({ type: 'in0', index: 0 })
  })

  it('never become a list of millions', () => {
    expect(n8nPortOf('out', 'out999999999').index).to.be.lessThan(1_000)
    expect(n8nPortOf('out', 'ai_tool999999999').index).to.be.lessThan(1_000)
  })

  it('have a name that stays the same when it is read and written again', () => {
    const part = fc.constantFrom('main', 'out', 'in', 'ai_tool', '0', '1', '9', '10', '\n', 'ß')
    const type = fc.oneof(
      fc.array(part, { maxLength: 4 }).map((all) => all.join('')),
      fc.string(),
    )
    const index = fc.oneof(fc.nat(12), fc.nat())
    fc.assert(
      fc.property(fc.constantFrom('out', 'in'), type, index, (side, ofType, at) => {
        const port = portOf(side, { type: ofType, index: at })
        expect(portOf(side, n8nPortOf(side, port))).to.equal(port)
      }),
    )
  })
})
