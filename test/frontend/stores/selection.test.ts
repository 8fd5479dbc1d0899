import { expect } from 'chai'
import type { NoteId, StepId, TeamId } from '../../../domain/ids.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { useDevice } from '../../../frontend/stores/device.ts'
import { useEditor } from '../../../frontend/stores/editor.ts'
import { useSelection } from '../../../frontend/stores/selection.ts'
import { namedUuid } from '../../support/events.ts'
import { ADA, startTestApp } from '../../support/test-app.ts'

const [A, B] = [namedUuid('a') as StepId, namedUuid('b') as StepId]
const NOTE = namedUuid('note') as NoteId
const WIRE = { from: { stepId: A, port: 'out' }, to: { stepId: B, port: 'in' } }
const placement = { x: 0, y: 0 }
const add = (stepId: StepId): Command => ({
  type: 'AddStep',
  stepId,
  kind: 'http',
  name: stepId,
  placement,
})

describe('what is selected', () => {
  let editor: ReturnType<typeof useEditor>
  let selection: ReturnType<typeof useSelection>

  beforeEach(async () => {
    const app = startTestApp()
    await useDevice().start(ADA.user.id)
    const replica = app.replicas.get(ADA.user.id)!
    editor = useEditor()
    editor.show(await replica.create('Order intake', ADA.teams[0]!.id as TeamId))
    const size = { width: 100, height: 100 }
    await editor.run(add(A), add(B), { type: 'Connect', ...WIRE })
    await editor.run({ type: 'AddNote', noteId: NOTE, text: '', placement, size })
    selection = useSelection()
  })

  it('is everything that lies on the canvas, when all is asked for', () => {
    selection.selectAll()
    expect([selection.stepIds, selection.noteIds]).to.deep.equal([[A, B], [NOTE]])
    selection.clear()
    expect(selection.selection).to.deep.equal({ items: [], connections: [] })
  })

  it('loses what is removed, whoever removes it, and has it back when it comes back', async () => {
    selection.select({ items: [{ stepId: A }, { stepId: B }], connections: [WIRE] })
    await editor.run({ type: 'Remove', items: [{ stepId: A }], connections: [WIRE] })
    expect(selection.selection).to.deep.equal({ items: [{ stepId: B }], connections: [] })
    await editor.run({ type: 'Restore', item: { stepId: A } })
    expect(selection.stepIds).to.deep.equal([A, B])
  })

  it('keeps its identity while all of it is there', async () => {
    const asked = { items: [{ stepId: A }], connections: [] }
    selection.select(asked)
    await editor.run({ type: 'RenameStep', stepId: A, name: 'Renamed' })
    expect(selection.selection).to.equal(asked)
  })

  it('gives a connection with its state', () => {
    selection.selectConnection(WIRE)
    expect(selection.connections.map(({ status }) => status)).to.deep.equal(['active'])
  })
})
