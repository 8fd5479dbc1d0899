import { expect } from 'chai'
import type { StepId } from '../../../../domain/ids.ts'
import type { ConnectionView, StepView } from '../../../../domain/pipeline/view.ts'
import {
  connectedGraph,
  connectionsOf,
  targetsOf,
} from '../../../../frontend/components/inspector/step-connections.ts'

const step = (id: string, kind: string, name: string) =>
  ({ id, kind, name, placement: { x: 0, y: 0 }, config: {}, enabled: true }) as unknown as StepView
const end = (stepId: string, port: string) => ({ stepId: stepId as StepId, port })
const wire = (
  [from, output]: [string, string],
  [to, input]: [string, string],
  status: ConnectionView['status'] = 'active',
): ConnectionView => ({ from: end(from, output), to: end(to, input), status })

const STEPS = [
  step('every', 'schedule', 'Every hour'),
  step('large', 'condition', 'Is it large?'),
  step('join', 'merge', 'Join'),
  step('agent', 'ai-agent', 'Ask a model'),
  step('memory', 'ai-memory', 'The memory'),
]
const CONNECTIONS = [
  wire(['every', 'out0'], ['large', 'in0']),
  wire(['large', 'out1'], ['join', 'in1']),
  wire(['large', 'out0'], ['gone', 'in0'], 'dangling'),
  wire(['join', 'out0'], ['large', 'in0'], 'suspended'),
]
const graph = connectedGraph(STEPS, CONNECTIONS)
const free = () => null

describe('the connections of a step', () => {
  it('are what leads to it and what it leads to, with the ports where there are several', () => {
    const said = connectionsOf('large', graph).map(({ way, other, ports, suspended }) => [
      way,
      other?.name ?? null,
      ports,
      suspended,
    ])
    expect(said).to.deep.equal([
      ['from', 'Every hour', '', false],
      ['from', 'Join', '', true],
      ['to', 'Join', 'False to input 2', false],
      ['to', null, 'True', false],
    ])
  })

  it('are none for a step by itself, and one for a loop', () => {
    expect(connectionsOf('agent', graph)).to.deep.equal([])
    const loop = connectedGraph(STEPS, [wire(['large', 'out0'], ['large', 'in0'], 'suspended')])
    expect(connectionsOf('large', loop).map(({ way }) => way)).to.deep.equal(['from'])
  })
})

describe('what an output may lead to', () => {
  const labels = (from: ReturnType<typeof end>, why: Parameters<typeof targetsOf>[2] = free) =>
    targetsOf(from, graph, why).map(({ label, refused }) => (refused ? [label, refused] : label))

  it('is every input of the other steps that it does not lead to yet, by name', () => {
    expect(labels(end('large', 'out1'))).to.deep.equal(['Ask a model', 'Join, input 1'])
    expect(labels(end('every', 'out0'))).to.deep.equal([
      'Ask a model',
      'Join, input 1',
      'Join, input 2',
    ])
  })

  it('says of each why it may not', () => {
    const why = ({ to }: ConnectionView | { to: { stepId: string } }) =>
      to.stepId === 'large' ? 'It would close a cycle' : null
    expect(labels(end('agent', 'out0'), why)).to.deep.equal([
      ['Is it large?', 'It would close a cycle'],
      'Join, input 1',
      'Join, input 2',
    ])
  })

  it('is what hangs for a step that another one uses', () => {
    expect(labels(end('memory', 'ai_memory'))).to.deep.equal(['Ask a model'])
  })
})
