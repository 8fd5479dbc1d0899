import { expect } from 'chai'
import { effectScope, nextTick, ref, shallowRef, type EffectScope } from 'vue'
import type { NodeChange, VueFlowStore } from '../../../frontend/canvas/flow.ts'
import { NOTHING_SELECTED, type CanvasSelection } from '../../../frontend/canvas/intents.ts'
import {
  useCanvasSelection,
  type CanvasSelecting,
} from '../../../frontend/canvas/use-canvas-selection.ts'
import { connection } from './canvas-view.ts'

class FakeFlow {
  nodes = ref([
    { id: 'a', selected: false },
    { id: 'b', selected: false },
    { id: 'note:n', selected: false },
  ])
  multiSelectionActive = ref(false)
  tell: (changes: NodeChange[]) => void = () => undefined
  onNodesChange = (listener: (changes: NodeChange[]) => void) => (this.tell = listener)

  select(id: string, selected: boolean) {
    this.tell([{ type: 'select', id, selected } as NodeChange])
  }
  get selected() {
    return this.nodes.value.filter((node) => node.selected).map((node) => node.id)
  }
}

describe('the selection', () => {
  let scope: EffectScope
  let flow: FakeFlow
  let selecting: CanvasSelecting
  let asked: CanvasSelection[]
  const selection = shallowRef<CanvasSelection>(NOTHING_SELECTED)
  const wire = connection('a', 'b')
  const ends = { from: wire.from, to: wire.to }

  beforeEach(() => {
    scope = effectScope()
    flow = new FakeFlow()
    asked = []
    selection.value = NOTHING_SELECTED
    selecting = scope.run(() =>
      useCanvasSelection(
        flow as unknown as VueFlowStore,
        () => selection.value,
        ref(0),
        (wanted) => asked.push(wanted),
      ),
    )!
  })
  afterEach(() => scope.stop())

  it('is what it is given, on steps and notes alike', async () => {
    selection.value = { items: [{ stepId: 'b' }, { noteId: 'n' }] as never, connections: [] }
    await nextTick()
    expect(flow.selected).to.deep.equal(['b', 'note:n'])
  })

  it('asks once for a gesture that comes in several parts', async () => {
    flow.select('a', true)
    flow.select('note:n', true)
    await nextTick()
    expect(asked).to.deep.equal([{ items: [{ stepId: 'a' }, { noteId: 'n' }], connections: [] }])
  })

  it('goes back to what it is given when nobody agrees', async () => {
    flow.nodes.value[0]!.selected = true
    flow.select('a', true)
    await nextTick()
    expect(flow.selected).to.deep.equal([])
  })

  it('does not ask for what it is already', async () => {
    selection.value = { items: [{ stepId: 'a' }] as never, connections: [] }
    selecting.selectNodes(['a'])
    await nextTick()
    expect(asked).to.deep.equal([])
  })

  it('gives connections up for a step, unless one adds to it', async () => {
    selection.value = { items: [], connections: [wire] }
    flow.select('a', true)
    await nextTick()
    flow.multiSelectionActive.value = true
    flow.select('a', true)
    await nextTick()
    expect(asked.map((one) => one.connections)).to.deep.equal([[], [ends]])
  })

  it('takes a connection alone, or with what is selected', async () => {
    selection.value = { items: [{ stepId: 'a' }] as never, connections: [] }
    selecting.selectConnections([wire], false)
    await nextTick()
    selecting.selectConnections([wire], true)
    await nextTick()
    expect(asked).to.deep.equal([
      { items: [], connections: [ends] },
      { items: [{ stepId: 'a' }], connections: [ends] },
    ])
  })
})
