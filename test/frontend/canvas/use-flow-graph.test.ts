import { expect } from 'chai'
import sinon from 'sinon'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import type { GraphView } from '../../../frontend/canvas/flow-graph.ts'
import type { Edge, Node, VueFlowStore } from '../../../frontend/canvas/flow.ts'
import { useFlowGraph, type HeldGraph } from '../../../frontend/canvas/use-flow-graph.ts'
import { connection, step } from './canvas-view.ts'

/** What of Vue Flow's store this asks for: it holds nodes by id, and a drag changes their position. */
class FakeFlow {
  nodes = new Map<string, Node>()
  edges: string[] = []
  fullUpdates = 0

  setNodes = (nodes: Node[]) => {
    this.fullUpdates += 1
    this.nodes = new Map(nodes.map((node) => [node.id, { ...node }]))
  }
  setEdges = (edges: Edge[]) => (this.edges = edges.map((edge) => `${edge.source}-${edge.target}`))
  updateNode = (id: string, node: Node) => Object.assign(this.nodes.get(id)!, node)
  onNodesChange = () => undefined
  applyNodeChanges = () => undefined

  drag(id: string, x: number, y: number) {
    this.nodes.get(id)!.position = { x, y }
  }
  placeOf(id: string) {
    return this.nodes.get(id)?.position
  }
}

describe('the graph on the canvas', () => {
  let clock: sinon.SinonFakeTimers
  let scope: EffectScope
  let flow: FakeFlow
  let held: HeldGraph
  const view = shallowRef<GraphView>({ steps: [], connections: [], notes: [] })

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    scope = effectScope()
    flow = new FakeFlow()
    view.value = {
      steps: [step('a', 0, 0), step('b', 300, 0)],
      connections: [connection('a', 'b')],
      notes: [],
    }
    held = scope.run(() => useFlowGraph(flow as unknown as VueFlowStore, () => view.value))!
  })
  afterEach(() => {
    scope.stop()
    clock.restore()
  })

  const moveB = (x: number) => {
    view.value = { ...view.value, steps: [step('a', 0, 0), step('b', x, 0)] }
    return nextTick()
  }

  describe('while it follows', () => {
    it('shows what the domain says at once', async () => {
      expect(flow.edges).to.deep.equal(['a-b'])
      await moveB(400)
      expect(flow.placeOf('b')).to.deep.equal({ x: 400, y: 0 })
    })

    it('touches only the node that changed', async () => {
      await moveB(400)
      expect(flow.fullUpdates).to.equal(1)
    })

    it('takes in steps that come and go, with their connections', async () => {
      view.value = { ...view.value, steps: [step('a')], connections: [] }
      await nextTick()
      expect([...flow.nodes.keys()]).to.deep.equal(['a'])
      expect(flow.edges).to.deep.equal([])
    })
  })

  describe('while it is held', () => {
    beforeEach(() => {
      held.hold()
      flow.drag('b', 350, 50)
    })

    it('leaves what a hand has in it, whatever the domain says', async () => {
      await moveB(900)
      view.value = { ...view.value, steps: [step('a')], connections: [] }
      await nextTick()
      expect(flow.placeOf('b')).to.deep.equal({ x: 350, y: 50 })
    })

    it('catches up when it is let go without a change', async () => {
      await moveB(900)
      held.release(false)
      expect(flow.placeOf('b')).to.deep.equal({ x: 900, y: 0 })
    })
  })

  describe('while it settles', () => {
    beforeEach(() => {
      held.hold()
      flow.drag('b', 350, 50)
      held.release(true)
    })

    it('goes on showing what the person did', () => {
      clock.tick(500)
      expect(flow.placeOf('b')).to.deep.equal({ x: 350, y: 50 })
    })

    it('follows the domain as soon as it answers, with the same place or another', async () => {
      await moveB(340)
      expect(flow.placeOf('b')).to.deep.equal({ x: 340, y: 0 })
    })

    it('goes back when the domain does not answer', () => {
      clock.tick(700)
      expect(flow.placeOf('b')).to.deep.equal({ x: 300, y: 0 })
    })

    it('can be held again, and then waits', () => {
      held.hold()
      clock.tick(5000)
      expect(flow.placeOf('b')).to.deep.equal({ x: 350, y: 50 })
    })
  })
})
