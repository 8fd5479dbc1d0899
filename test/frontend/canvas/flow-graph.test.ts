import { expect } from 'chai'
import fc from 'fast-check'
import {
  createFlowMapper,
  handleId,
  noteIdOf,
  noteNodeId,
  portOf,
  type GraphView,
  type StepCard,
} from '../../../frontend/canvas/flow-graph.ts'
import { connection, note, step } from './canvas-view.ts'

const view = (rest: Partial<GraphView> = {}): GraphView => ({
  steps: [step('a', 0, 0), step('b', 300, 0)],
  connections: [connection('a', 'b')],
  notes: [note('n', 0, 200)],
  ...rest,
})
const copy = <T>(value: T): T => structuredClone(value)
const cardOf = (graph: ReturnType<ReturnType<typeof createFlowMapper>>, id: string) =>
  graph.nodes.find((node) => node.id === id)!.data as StepCard

describe('a view that is mapped to nodes and edges', () => {
  it('has a node for each step and note, and an edge for each connection', () => {
    const { nodes, edges } = createFlowMapper()(view())
    expect(nodes.map(({ id, type, position }) => ({ id, type, position }))).to.deep.equal([
      { id: 'a', type: 'step', position: { x: 0, y: 0 } },
      { id: 'b', type: 'step', position: { x: 300, y: 0 } },
      { id: 'note:n', type: 'note', position: { x: 0, y: 200 } },
    ])
    expect(edges.map(({ source, target }) => [source, target])).to.deep.equal([['a', 'b']])
  })

  it('says what a step is, how it is called and how it is connected', () => {
    const steps = [step('a', 0, 0, { name: 'Fetch orders' }), step('b', 1, 0, { enabled: false })]
    const { nodes } = createFlowMapper()(view({ steps }))
    expect(nodes.map((node) => node.ariaLabel).slice(0, 2)).to.deep.equal([
      'HTTP request Fetch orders, 1 connection',
      'HTTP request B, 1 connection, disabled',
    ])
  })

  it('orders the steps as they are read: from left to right, then down', () => {
    const steps = [step('late', 500, 0), step('low', 0, 90), step('high', 0, 0)]
    const { nodes } = createFlowMapper()({ steps, connections: [], notes: [] })
    expect(nodes.map((node) => node.id)).to.deep.equal(['high', 'low', 'late'])
  })

  it('keeps a step and a note of the same id apart', () => {
    const { nodes } = createFlowMapper()({
      steps: [step('x')],
      connections: [],
      notes: [note('x')],
    })
    expect(new Set(nodes.map((node) => node.id)).size).to.equal(2)
    expect(noteIdOf(noteNodeId('x'))).to.equal('x')
    expect(noteIdOf('x')).to.equal(null)
  })
})

describe('a view that is mapped again', () => {
  it('is the same graph where nothing changed, be the objects new or old', () => {
    const map = createFlowMapper()
    const first = map(view())
    const second = map(copy(view()))
    expect(second.nodes).to.equal(first.nodes)
    expect(second.edges).to.equal(first.edges)
  })

  it('has a new node for the step that changed, and the old ones for the others', () => {
    const map = createFlowMapper()
    const first = map(view())
    const steps = [step('a', 0, 0), step('b', 320, 0)]
    const second = map(copy(view({ steps })))
    expect(second.nodes[0]).to.equal(first.nodes[0])
    expect(second.nodes[1]).to.not.equal(first.nodes[1])
    expect(second.edges).to.equal(first.edges)
  })

  it('keeps a node when only what it does not show has changed', () => {
    const map = createFlowMapper()
    const first = map(view())
    const steps = [step('a', 0, 0, { config: { retries: 3 } }), step('b', 300, 0)]
    expect(map(view({ steps })).nodes).to.equal(first.nodes)
  })

  it('keeps the order while steps are moved, so that no element loses the focus', () => {
    const map = createFlowMapper()
    map(view())
    const moved = map(view({ steps: [step('a', 900, 0), step('b', 300, 0)] }))
    expect(moved.nodes.map((node) => node.id)).to.deep.equal(['a', 'b', 'note:n'])
    const added = map(view({ steps: [step('a', 900, 0), step('b', 300, 0), step('c', 0, 0)] }))
    expect(added.nodes.map((node) => node.id)).to.deep.equal(['c', 'b', 'a', 'note:n'])
  })

  it('equals what a mapping without a memory gives, whatever came before', () => {
    const anyStep = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      x: fc.integer({ min: -500, max: 500 }),
      enabled: fc.boolean(),
    })
    const anyView = fc
      .record({
        steps: fc.uniqueArray(anyStep, { selector: ({ id }) => id }),
        wires: fc.array(
          fc.tuple(fc.constantFrom('a', 'b', 'gone'), fc.constantFrom('c', 'd', 'gone')),
        ),
      })
      .map(({ steps, wires }): GraphView => ({
        steps: steps.map(({ id, x, enabled }) => step(id, x, 0, { enabled })),
        connections: [...new Set(wires.map((ends) => ends.join()))].map((ends) => {
          const [from, to] = ends.split(',') as [string, string]
          return connection(from, to)
        }),
        notes: [],
      }))
    fc.assert(
      fc.property(fc.array(anyView, { minLength: 1 }), (views) => {
        const map = createFlowMapper()
        for (const one of views) {
          const remembered = map(one)
          const fresh = createFlowMapper()(one)
          expect(remembered.edges).to.deep.equal(fresh.edges)
          expect(remembered.nodes).to.have.deep.members(fresh.nodes)
        }
      }),
    )
  })
})

describe('a connection whose other step is gone', () => {
  const dangling = connection('a', 'gone', { status: 'dangling' })

  it('is no edge but a stub at its port', () => {
    const graph = createFlowMapper()(view({ connections: [dangling] }))
    expect(graph.edges).to.deep.equal([])
    const { from, to } = dangling
    expect(cardOf(graph, 'a').stubs).to.deep.equal([
      { side: 'output', port: 'out0', connections: [{ from, to }] },
    ])
  })

  it('shares one stub with others at the same port', () => {
    const other = connection('a', 'gone too', { status: 'dangling' })
    const graph = createFlowMapper()(view({ connections: [dangling, other] }))
    expect(cardOf(graph, 'a').stubs.map((stub) => stub.connections.length)).to.deep.equal([2])
  })

  it('is nowhere when both of its steps are gone', () => {
    const graph = createFlowMapper()(view({ connections: [connection('x', 'y')] }))
    expect(graph.edges).to.deep.equal([])
    expect(cardOf(graph, 'a').stubs).to.deep.equal([])
  })
})

describe('a port of any name', () => {
  it('comes back from the id of its handle, which no CSS selector can stumble over', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (port) => {
        fc.pre(port.isWellFormed())
        expect(portOf(handleId(port))).to.equal(port)
        expect(handleId(port)).to.not.match(/["\\\s]/)
      }),
    )
  })

  it('is shown on the steps that it connects', () => {
    const odd = connection('a', 'b', { out: 'on "error"', into: 'in3' })
    const graph = createFlowMapper()(view({ connections: [odd] }))
    expect(cardOf(graph, 'a').ports.outputs).to.deep.equal(['out0', 'on "error"'])
    expect(cardOf(graph, 'b').ports.inputs).to.deep.equal(['in0', 'in3'])
  })
})
