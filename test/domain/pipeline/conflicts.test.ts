import { expect } from 'chai'
import { conflictsOf, type Conflict } from '../../../domain/pipeline/conflicts.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { commentId, endsOf, noteId, Peer, stepId } from './peer.ts'

type FieldConflict = Extract<Conflict, { field: string }>
const fields = (peer: Peer) =>
  conflictsOf(peer.state).map((conflict) => {
    const { kind, field, values } = conflict as FieldConflict
    return [kind, field, values.map(({ value }) => value)]
  })
const size = (width: number) => ({ width, height: 100 })
const at = (x: number) => ({ x, y: 0 })

/** Ann has begun; Ben has heard of it, and his clock is ahead, so that his writes are greater. */
function annAndBen(): [Peer, Peer] {
  const ann = new Peer('ann').begin('a', 'b')
  ann.act('NoteAdded', { noteId: noteId('n'), text: 'n', placement: at(0), size: size(9) })
  ann.act('CommentAdded', { commentId: commentId('c'), body: 'c' })
  return [ann, new Peer('ben', 1_000).hear(ann)]
}

function meet(ann: Peer, ben: Peer): void {
  ann.hear(ben)
  ben.hear(ann)
  expect(conflictsOf(ann.state)).to.deep.equal(conflictsOf(ben.state))
}

describe('a field that two people changed without seeing each other', () => {
  it('is in conflict: both values, who and when, the one on show first', () => {
    const [ann, ben] = annAndBen()
    const [left, right] = [ann.setTimeout('a', 45), ben.setTimeout('a', 60)]
    meet(ann, ben)
    const value = (event: typeof left, timeout: number) => {
      const { actorId, replicaId, hlc } = event
      return { value: timeout, actorId, replicaId, hlc }
    }
    expect(conflictsOf(ann.state)).to.deep.equal([
      {
        kind: 'field',
        stepId: stepId('a'),
        field: 'config.timeout',
        values: [value(right, 60), value(left, 45)],
      },
    ])
    const [step] = viewOf(ann.state).steps.filter(({ id }) => id === stepId('a'))
    expect(step!.config['timeout']).to.equal(60)
  })

  it('is no conflict when both wrote the same', () => {
    const [ann, ben] = annAndBen()
    ann.setTimeout('a', 45)
    ben.setTimeout('a', 45)
    meet(ann, ben)
    expect(conflictsOf(ann.state)).to.deep.equal([])
  })

  it('shows a cleared key as a value that is absent', () => {
    const [ann, ben] = annAndBen()
    ann.act('StepConfigCleared', { stepId: stepId('a'), key: 'timeout' })
    ben.setTimeout('a', 60)
    meet(ann, ben)
    const [conflict] = conflictsOf(ann.state) as FieldConflict[]
    expect(conflict!.values[0]).to.have.property('value', 60)
    expect(conflict!.values[1]).not.to.have.property('value')
  })

  it('is settled by whoever saw both and chose, and by nobody who saw one', () => {
    const [ann, ben] = annAndBen()
    const cleo = new Peer('cleo').hear(ann)
    ann.setTimeout('a', 45)
    ben.setTimeout('a', 60)
    cleo.hear(ann).setTimeout('a', 50)
    meet(ann, ben)
    ann.hear(cleo)
    expect(fields(ann)).to.deep.equal([['field', 'config.timeout', [60, 50]]])
    const thing = { kind: 'step', id: stepId('a') } as const
    ann.run({ type: 'ChooseValue', thing, field: 'config.timeout', value: 50 })
    expect(conflictsOf(ann.state)).to.deep.equal([])
    expect(viewOf(ann.state).steps.map((step) => step.config['timeout'])).to.include(50)
  })

  it('may be any field of the pipeline, a step, a note or a comment', () => {
    const [ann, ben] = annAndBen()
    for (const [peer, word] of [
      [ann, 'x'],
      [ben, 'y'],
    ] as const) {
      peer.act('PipelineRenamed', { name: word })
      peer.act('PipelineDescribed', { description: word })
      peer.act('StepRenamed', { stepId: stepId('b'), name: word })
      peer.act('NoteEdited', { noteId: noteId('n'), text: word })
      peer.act('CommentEdited', { commentId: commentId('c'), body: word })
    }
    ann.act('PipelineArchived', {})
    ben.act('PipelineArchived', {})
    ben.act('PipelineUnarchived', {})
    ann.act('StepDisabled', { stepId: stepId('b') })
    ben.act('StepEnabled', { stepId: stepId('b') })
    ann.act('CommentResolved', { commentId: commentId('c') })
    ben.act('CommentReopened', { commentId: commentId('c') })
    ann.act('PipelineGraphRuleSet', { graphRule: 'free' })
    ben.act('PipelineGraphRuleSet', { graphRule: 'acyclic' })
    meet(ann, ben)
    const where = conflictsOf(ann.state).map((conflict) => {
      const { stepId: step, noteId: note, commentId: comment, field } = conflict as FieldConflict
      return [step ?? note ?? comment ?? 'pipeline', field]
    })
    expect(where).to.deep.equal([
      ['pipeline', 'archived'],
      ['pipeline', 'description'],
      ['pipeline', 'graphRule'],
      ['pipeline', 'name'],
      [stepId('b'), 'enabled'],
      [stepId('b'), 'name'],
      [noteId('n'), 'text'],
      [commentId('c'), 'body'],
      [commentId('c'), 'resolved'],
    ])
  })

  it('is silent where it is a placement or a size: the later one wins', () => {
    const [ann, ben] = annAndBen()
    ann.act('StepMoved', { stepId: stepId('a'), placement: at(1) })
    ben.act('StepMoved', { stepId: stepId('a'), placement: at(2) })
    ann.act('NoteMoved', { noteId: noteId('n'), placement: at(3) })
    ben.act('NoteMoved', { noteId: noteId('n'), placement: at(4) })
    ann.act('NoteResized', { noteId: noteId('n'), size: size(5) })
    ben.act('NoteResized', { noteId: noteId('n'), size: size(6) })
    meet(ann, ben)
    expect(conflictsOf(ann.state)).to.deep.equal([])
    const { steps, notes } = viewOf(ann.state)
    expect(steps.find(({ id }) => id === stepId('a'))!.placement).to.deep.equal(at(2))
    expect(notes[0]).to.deep.include({ placement: at(4), size: size(6) })
    expect(ann.state.steps.get(stepId('a'))!.fields.get('placement')).to.have.length(2)
  })
})

describe('something removed while somebody else edited it (M3)', () => {
  it('stays removed, and the edit is a conflict with its value', () => {
    const [ann, ben] = annAndBen()
    ann.act('StepRemoved', { stepId: stepId('a') })
    ben.setTimeout('a', 60)
    meet(ann, ben)
    expect(viewOf(ann.state).steps.map(({ id }) => id)).to.deep.equal([stepId('b')])
    expect(fields(ann)).to.deep.equal([['edited-while-removed', 'config.timeout', [60]]])
    expect(conflictsOf(ann.state)[0]).to.have.property('stepId', stepId('a'))
  })

  it('is so for notes and comments too', () => {
    const [ann, ben] = annAndBen()
    ann.act('NoteRemoved', { noteId: noteId('n') })
    ann.act('CommentRemoved', { commentId: commentId('c') })
    ben.act('NoteEdited', { noteId: noteId('n'), text: 'still here?' })
    ben.act('CommentEdited', { commentId: commentId('c'), body: 'hm' })
    meet(ann, ben)
    expect(fields(ann)).to.deep.equal([
      ['edited-while-removed', 'text', ['still here?']],
      ['edited-while-removed', 'body', ['hm']],
    ])
  })

  it('is no conflict where the remover saw the edit, or where only a placement was edited', () => {
    const [ann, ben] = annAndBen()
    ben.setTimeout('a', 60)
    ann.hear(ben).act('StepRemoved', { stepId: stepId('a') })
    ben.act('StepMoved', { stepId: stepId('a'), placement: at(7) })
    meet(ann, ben)
    expect(conflictsOf(ann.state)).to.deep.equal([])
  })

  it('is settled by a later removal that has seen the edit', () => {
    const [ann, ben] = annAndBen()
    ann.act('StepRemoved', { stepId: stepId('a') })
    ben.setTimeout('a', 60)
    meet(ann, ben)
    ben.run({ type: 'RemoveAgain', thing: { kind: 'step', id: stepId('a') } })
    meet(ann, ben)
    expect(conflictsOf(ann.state)).to.deep.equal([])
    expect(ann.state.steps.get(stepId('a'))!.fields.get('config.timeout')).to.have.length(1)
  })

  it('is settled by a restore, which brings the edit and the connections back', () => {
    const [ann, ben] = annAndBen()
    ann.connect('a', 'b')
    ann.act('StepRemoved', { stepId: stepId('a') })
    ben.setTimeout('a', 60)
    meet(ann, ben)
    ann.run({ type: 'Restore', item: { stepId: stepId('a') } })
    meet(ann, ben)
    const { steps, connections, conflicts } = viewOf(ben.state)
    expect(steps.find(({ id }) => id === stepId('a'))!.config['timeout']).to.equal(60)
    expect(connections).to.deep.equal([{ ...endsOf('a', 'b'), status: 'active' }])
    expect(conflicts).to.deep.equal([])
  })

  it('lives where it was added, or restored, without seeing the removal (M2)', () => {
    const [ann, ben] = annAndBen()
    ann.act('StepRemoved', { stepId: stepId('a') })
    const cleo = new Peer('cleo').hear(ann)
    cleo.act('StepRestored', { stepId: stepId('a') })
    ben.hear(ann).act('StepRemoved', { stepId: stepId('a') })
    ann.hear(ben, cleo)
    expect(viewOf(ann.state).steps.map(({ id }) => id)).to.include(stepId('a'))
  })
})

describe('a suspended connection', () => {
  it('is a conflict that names it and the path in its way', () => {
    const [ann, ben] = annAndBen()
    ann.connect('a', 'b')
    ben.connect('b', 'a')
    meet(ann, ben)
    const conflict = {
      kind: 'suspended-connection',
      connection: endsOf('b', 'a'),
      blockedBy: [endsOf('a', 'b')],
    }
    expect(conflictsOf(ann.state)).to.deep.equal([conflict])
    ben.disconnect('a', 'b')
    meet(ann, ben)
    expect(conflictsOf(ann.state)).to.deep.equal([])
  })
})
