import { expect } from 'chai'
import { handleId } from '../../../frontend/canvas/flow-graph.ts'
import { endsOf, wireRefusal, type FlowPort } from '../../../frontend/canvas/wire-ends.ts'
import type { ConnectionEnds } from '../../../domain/events/pipeline-events.ts'

const output: FlowPort = { nodeId: 'a', id: handleId('on error'), type: 'source' }
const input: FlowPort = { nodeId: 'b', id: 'in0', type: 'target' }
const ends = { from: { stepId: 'a', port: 'on error' }, to: { stepId: 'b', port: 'in0' } }

describe('a wire that is pulled to a port', () => {
  it('is asked about in the words of the domain, whichever end was pulled', () => {
    const asked: ConnectionEnds[] = []
    const canConnect = (one: ConnectionEnds) => {
      asked.push(one)
      return asked.length === 1 ? null : 'No.'
    }
    expect(wireRefusal(output, input, canConnect)).to.equal(null)
    expect(wireRefusal(input, output, canConnect)).to.equal('No.')
    expect(asked).to.deep.equal([ends, ends])
  })

  it('is refused between two ports of one side, and the domain is not asked', () => {
    const never = () => {
      throw new Error('asked')
    }
    expect(wireRefusal(output, { ...output, nodeId: 'c' }, never)).to.match(/output to an input/)
    expect(wireRefusal(input, { ...input, nodeId: 'c' }, never)).to.match(/output to an input/)
  })

  it('is refused between what flows and what hangs', () => {
    const model: FlowPort = { nodeId: 'm', id: 'ai_languageModel', type: 'source' }
    const free = () => null
    expect(wireRefusal(model, input, free)).to.match(/hangs below/)
    expect(wireRefusal(model, { ...input, id: 'ai_languageModel' }, free)).to.equal(null)
  })

  it('reads what Vue Flow says of a connection', () => {
    const sourceHandle = handleId('on error')
    const connection = { source: 'a', sourceHandle, target: 'b', targetHandle: 'in0' }
    expect(endsOf(connection)).to.deep.equal(ends)
  })
})
