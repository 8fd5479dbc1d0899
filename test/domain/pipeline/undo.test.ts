import { expect } from 'chai'
import fc from 'fast-check'
import { changesInto } from '../../../domain/formats/import-changes.ts'
import type { ImportedPipeline } from '../../../domain/formats/imported-pipeline.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { decide } from '../../../domain/pipeline/decide.ts'
import { connectionKey } from '../../../domain/pipeline/effects.ts'
import { evolveAll } from '../../../domain/pipeline/evolve.ts'
import type { Register } from '../../../domain/pipeline/register.ts'
import { forkState, initialState, type PipelineState } from '../../../domain/pipeline/state.ts'
import { gestureOf, undoGesture, type Gesture, type Undo } from '../../../domain/pipeline/undo.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { anyCommand } from './any-command.ts'
import { moves, PIPELINE, play } from './histories.ts'
import { commentId, endsOf, noteId, Peer, stepId } from './peer.ts'

const a = stepId('a')
const b = stepId('b')
const at = (x: number) => ({ x, y: 0 })

/** What a state shows, but for who knows what: versions and vector only ever grow. */
function screen(state: PipelineState) {
  const { pipeline, steps, connections, notes, comments, conflicts } = viewOf(state)
  return { pipeline, steps, connections, notes, comments, conflicts }
}

/** A person with an undo stack, as the editor has one. */
class Editor extends Peer {
  readonly gestures: Gesture[] = []

  do(...commands: readonly Command[]): void {
    const decision = this.decide(...commands)
    if (!decision.ok) throw new Error(decision.rejection.message)
    this.gestures.push(gestureOf(this.state, decision.events))
    this.take(decision.events)
  }

  /** Undoes the last gesture; the undo is the last gesture then, so that redo is undo again. */
  undo(): Undo {
    const undo = undoGesture(this.state, this.gestures.pop()!, this.actorId)
    if (undo.changes.length > 0) this.do({ type: 'Apply', changes: undo.changes })
    return undo
  }
}

function annAndBen(): [Editor, Editor] {
  const ann = new Editor('ann')
  ann.begin('a', 'b')
  ann.act('NoteAdded', {
    noteId: noteId('n'),
    text: 'n',
    placement: at(0),
    size: { width: 9, height: 9 },
  })
  ann.act('CommentAdded', { commentId: commentId('c'), body: 'c', stepId: a })
  const ben = new Editor('ben', 500)
  ben.hear(ann)
  return [ann, ben]
}

const configure = (step: string, value: number): Command => ({
  type: 'ConfigureStep',
  stepId: stepId(step),
  key: 'timeout',
  value,
})
const timeoutOf = (peer: Peer, step = a) =>
  viewOf(peer.state).steps.find(({ id }) => id === step)?.config['timeout']

/** Every kind of gesture, on a pipeline of somebody else's. */
const gestures: Record<string, readonly Command[]> = {
  'a renamed pipeline': [{ type: 'RenamePipeline', name: 'other' }],
  'a described pipeline': [{ type: 'DescribePipeline', description: 'other' }],
  'another graph rule': [{ type: 'SetGraphRule', graphRule: 'free' }],
  'an archiving': [{ type: 'ArchivePipeline' }],
  'a moved selection': [
    {
      type: 'Move',
      moves: [
        { stepId: a, placement: at(5) },
        { noteId: noteId('n'), placement: at(6) },
      ],
    },
  ],
  'a renamed step': [{ type: 'RenameStep', stepId: a, name: 'other' }],
  'a value': [configure('a', 60)],
  'a key that was not set': [{ type: 'ConfigureStep', stepId: a, key: 'new', value: null }],
  'a cleared key': [{ type: 'ClearStepConfig', stepId: a, key: 'timeout' }],
  'a switched off step': [{ type: 'SetStepsEnabled', stepIds: [a], enabled: false }],
  'a new step, connected and renamed at once': [
    { type: 'AddStep', stepId: stepId('x'), kind: 'http', name: 'x', placement: at(1) },
    { type: 'Connect', ...endsOf('a', 'x') },
    { type: 'RenameStep', stepId: stepId('x'), name: 'y' },
    configure('x', 7),
  ],
  'a removed step': [{ type: 'Remove', items: [{ stepId: a }] }],
  'a removed selection': [
    {
      type: 'Remove',
      items: [{ stepId: a }, { noteId: noteId('n') }],
      connections: [endsOf('b', 'a')],
    },
  ],
  'a step renamed and removed at once': [
    { type: 'RenameStep', stepId: a, name: 'other' },
    { type: 'Remove', items: [{ stepId: a }] },
  ],
  'a value written twice at once': [configure('a', 60), configure('a', 70)],
  'a connection': [{ type: 'Connect', ...endsOf('b', 'a', 'in1') }],
  'a disconnection': [{ type: 'Disconnect', ...endsOf('b', 'a') }],
  'a new note': [
    {
      type: 'AddNote',
      noteId: noteId('x'),
      text: 'x',
      placement: at(0),
      size: { width: 9, height: 9 },
    },
  ],
  'an edited note': [{ type: 'EditNote', noteId: noteId('n'), text: 'x' }],
  'a resized note': [{ type: 'ResizeNote', noteId: noteId('n'), size: { width: 5, height: 5 } }],
  'a new comment': [{ type: 'AddComment', commentId: commentId('x'), body: 'x' }],
  'a resolved comment': [{ type: 'ResolveComment', commentId: commentId('c'), resolved: true }],
}

describe('undo', () => {
  for (const [name, commands] of Object.entries(gestures)) {
    it(`takes back ${name}, redo brings it back, and so on`, () => {
      const [ann, ben] = annAndBen()
      ann.connect('b', 'a')
      ben.hear(ann)
      const before = screen(ben.state)
      ben.do(...commands)
      const after = screen(ben.state)
      expect(after).not.to.deep.equal(before)
      for (let round = 0; round < 2; round++) {
        expect(ben.undo().leftAlone).to.deep.equal([])
        expect(screen(ben.state)).to.deep.equal(before)
        expect(ben.undo().leftAlone).to.deep.equal([])
        expect(screen(ben.state)).to.deep.equal(after)
      }
    })
  }

  it('takes back any gesture of one’s own, and redo brings it back, while nobody else edits', () => {
    let undone = 0
    fc.assert(
      fc.property(
        moves,
        fc.array(anyCommand, { minLength: 2, maxLength: 6 }),
        (script, commands) => {
          const events = play(script)
          const state = evolveAll(initialState(PIPELINE), events)
          const cleo = new Peer('cleo')
          const sensible = commands.filter((one) => decide([one], state, cleo.author()).ok)
          const decision = decide(sensible, state, cleo.author())
          if (!decision.ok) return
          const gesture = gestureOf(state, decision.events)
          const done = evolveAll(forkState(state), decision.events)
          const [back, first] = apply(done, gesture, cleo)
          // A conflict that the gesture settled stays settled: its other values are in the history.
          const { conflicts: before } = viewOf(state)
          if (before.length === 0) expect(screen(back)).to.deep.equal(screen(state))
          const [again] = apply(back, first, cleo)
          expect(screen(again)).to.deep.equal(screen(done))
          undone += 1
        },
      ),
      { numRuns: 800, seed: 1 },
    )
    expect(undone).to.be.greaterThan(350)
  })

  it('never changes what somebody else wrote or removed since', () => {
    let left = 0
    fc.assert(
      fc.property(
        fc.array(fewThings, { minLength: 1, maxLength: 2 }),
        fc.array(fewThings, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (mine, theirs, isConcurrent) => {
          const [, { state }] = annAndBen()
          const [cleo, dan] = [new Peer('cleo'), new Peer('dan', 99)]
          const decision = decide(mine, state, cleo.author())
          if (!decision.ok) return
          const done = evolveAll(forkState(state), decision.events)
          const other = decide(theirs, isConcurrent ? state : done, dan.author())
          if (!other.ok) return
          const met = evolveAll(forkState(done), other.events)
          const undo = undoGesture(met, gestureOf(state, decision.events), cleo.actorId)
          if (undo.leftAlone.length > 0) left += 1
          const undone = decide([{ type: 'Apply', changes: undo.changes }], met, cleo.author())
          if (!undone.ok) return
          const after = evolveAll(forkState(met), undone.events)
          expect(worksOf(dan, after)).to.include.members(worksOf(dan, met))
        },
      ),
      { numRuns: 2_000, seed: 2 },
    )
    expect(left).to.be.greaterThan(150)
  })

  it('leaves alone, and names, a field that somebody else has written since', () => {
    const [ann, ben] = annAndBen()
    ann.do(configure('a', 45))
    ben.hear(ann).do(configure('a', 60))
    ann.hear(ben)
    const field = 'config.timeout'
    expect(ann.undo()).to.deep.equal({
      changes: [],
      leftAlone: [{ thing: { kind: 'step', id: a }, field }],
    })
    expect(timeoutOf(ann)).to.equal(60)
  })

  it('leaves a conflict to be chosen, whichever of the two values is on show', () => {
    for (const [mine, theirs] of [
      [0, 500],
      [500, 0],
    ] as const) {
      const base = new Peer('base').begin('a')
      const [cleo, dan] = [new Editor('cleo', mine), new Editor('dan', theirs)]
      cleo.hear(base)
      dan.hear(base)
      cleo.do(configure('a', 45))
      dan.do(configure('a', 60))
      cleo.hear(dan)
      expect(cleo.undo().leftAlone).to.have.length(1)
      expect(viewOf(cleo.state).conflicts).to.have.length(1)
    }
  })

  it('does the rest of a gesture where one part of it is left alone', () => {
    const [ann, ben] = annAndBen()
    ann.do(configure('a', 45), configure('b', 45))
    ben.hear(ann).do(configure('a', 60))
    ann.hear(ben)
    expect(ann.undo().leftAlone).to.have.length(1)
    expect([timeoutOf(ann), timeoutOf(ann, b)]).to.deep.equal([60, 30])
  })

  it('does not remove a step that somebody else has edited since', () => {
    const [ann, ben] = annAndBen()
    ann.do({ type: 'AddStep', stepId: stepId('x'), kind: 'http', name: 'x', placement: at(1) })
    ben.hear(ann).do(configure('x', 5))
    ann.hear(ben)
    expect(ann.undo().leftAlone).to.deep.equal([{ thing: { kind: 'step', id: stepId('x') } }])
    expect(timeoutOf(ann, stepId('x'))).to.equal(5)
  })

  it('does not remove a step that somebody else has connected or commented on since', () => {
    const built: Command[] = [
      { type: 'Connect', ...endsOf('b', 'x') },
      { type: 'AddComment', commentId: commentId('x'), body: 'nice', stepId: stepId('x') },
    ]
    for (const command of built) {
      const [ann, ben] = annAndBen()
      ann.do({ type: 'AddStep', stepId: stepId('x'), kind: 'http', name: 'x', placement: at(1) })
      ben.hear(ann).do(command)
      ann.hear(ben)
      expect(ann.undo().leftAlone, command.type).to.have.length(1)
    }
  })

  it('does not bring back a connection that would suspend one made since', () => {
    const [ann, ben] = annAndBen()
    ann.do({ type: 'Connect', ...endsOf('a', 'b') })
    ann.do({ type: 'Disconnect', ...endsOf('a', 'b') })
    ben.hear(ann).do({ type: 'Connect', ...endsOf('b', 'a') })
    ann.hear(ben)
    expect(ann.undo().leftAlone).to.have.length(1)
    expect(viewOf(ann.state).conflicts).to.deep.equal([])
  })

  it('does not bring back what somebody else has removed too', () => {
    const [ann, ben] = annAndBen()
    ann.do({ type: 'Remove', items: [{ stepId: a }] })
    ben.do({ type: 'Remove', items: [{ stepId: a }] })
    ann.hear(ben)
    expect(ann.undo().leftAlone).to.deep.equal([{ thing: { kind: 'step', id: a } }])
    expect(viewOf(ann.state).steps.map(({ id }) => id)).to.deep.equal([b])
  })

  it('does not edit a step that somebody else has removed', () => {
    const [ann, ben] = annAndBen()
    ann.do(configure('a', 45))
    ben.hear(ann).do({ type: 'Remove', items: [{ stepId: a }] })
    ann.hear(ben)
    expect(ann.undo().leftAlone).to.have.length(1)
    expect(viewOf(ann.state).conflicts).to.deep.equal([])
  })

  it('does not unarchive what somebody else has archived since', () => {
    const [ann, ben] = annAndBen()
    ann.do(configure('a', 45))
    ben.hear(ann).do({ type: 'ArchivePipeline' })
    ann.hear(ben)
    const undo = undoGesture(ann.state, ann.gestures.pop()!, ann.actorId)
    const decision = ann.decide({ type: 'Apply', changes: undo.changes })
    expect(!decision.ok && decision.rejection.code).to.equal('archived')
  })

  it('takes back an import as a whole, and redo brings it back', () => {
    const [ann] = annAndBen()
    const before = screen(ann.state)
    ann.do({ type: 'Apply', changes: changesInto(imported()) })
    const after = screen(ann.state)
    expect(after.steps).to.have.length(4)
    ann.undo()
    expect(screen(ann.state)).to.deep.equal(before)
    ann.undo()
    expect(screen(ann.state)).to.deep.equal(after)
  })

  it('takes back everything but the creation of a pipeline that was made by an import', () => {
    const ann = new Editor('ann')
    const created = { type: 'PipelineCreated', payload: { name: 'x', teamId: stepId('t') } }
    ann.do({ type: 'Apply', changes: [created as never, ...changesInto(imported())] })
    ann.undo()
    expect(screen(ann.state)).to.deep.include({ steps: [], notes: [], connections: [] })
    expect(viewOf(ann.state).pipeline.name).to.equal('x')
  })

  it('has nothing to take back of a tagged version', () => {
    const [ann] = annAndBen()
    ann.do({ type: 'TagVersion', versionId: stepId('v') as never, label: 'v1' })
    expect(ann.undo()).to.deep.equal({ changes: [], leftAlone: [] })
  })

  it('does not touch the state that a gesture is read from', () => {
    const [ann] = annAndBen()
    const decision = ann.decide({ type: 'Remove', items: [{ stepId: a }] })
    const before = JSON.stringify(screen(ann.state))
    gestureOf(ann.state, decision.ok ? decision.events : [])
    expect(JSON.stringify(screen(ann.state))).to.equal(before)
  })
})

/** The state after undoing a gesture, and the gesture that this was. */
function apply(state: PipelineState, gesture: Gesture, person: Peer): [PipelineState, Gesture] {
  const { changes, leftAlone } = undoGesture(state, gesture, person.actorId)
  expect(leftAlone).to.deep.equal([])
  const decision = decide([{ type: 'Apply', changes }], state, person.author())
  if (!decision.ok) {
    // Versions leave nothing to undo.
    expect(decision.rejection.code).to.equal('no-change')
    return [state, { ...gesture, steps: [] }]
  }
  return [evolveAll(forkState(state), decision.events), gestureOf(state, decision.events)]
}

/** Commands that often meet: about two steps, a note, a comment and their fields. */
const twoSteps = fc.constantFrom(a, b)
const fewThings: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'b'), fc.nat(2)).map(([step, value]) => configure(step, value)),
  twoSteps.map((id): Command => ({ type: 'RenameStep', stepId: id, name: 'same' })),
  twoSteps.map((id): Command => ({ type: 'SetStepsEnabled', stepIds: [id], enabled: false })),
  twoSteps.map((id): Command => ({ type: 'Remove', items: [{ stepId: id }] })),
  twoSteps.map((id): Command => ({ type: 'Restore', item: { stepId: id } })),
  fc.constantFrom<Command>(
    { type: 'Connect', ...endsOf('a', 'b') },
    { type: 'Connect', ...endsOf('b', 'a') },
    { type: 'Disconnect', ...endsOf('a', 'b') },
    { type: 'AddStep', stepId: stepId('x'), kind: 'http', name: 'x', placement: at(1) },
    { type: 'Connect', ...endsOf('a', 'x') },
    { type: 'AddComment', commentId: commentId('x'), body: 'x', stepId: stepId('x') },
    { type: 'EditNote', noteId: noteId('n'), text: 'x' },
    { type: 'Remove', items: [{ noteId: noteId('n') }] },
    { type: 'RenamePipeline', name: 'x' },
    { type: 'ArchivePipeline' },
    { type: 'ResolveComment', commentId: commentId('c'), resolved: true },
  ),
)

/** What of a person's work a state shows: values, things and connections, and things removed. */
function worksOf({ actorId }: Peer, state: PipelineState): string[] {
  const shown = viewOf(state)
  const kinds = { steps: state.steps, notes: state.notes, comments: state.comments }
  const works = [...state.pipeline.fields].flatMap(([field, register]) =>
    written('', field, register),
  )
  for (const [kind, things] of Object.entries(kinds)) {
    for (const { id, fields, adds, removal } of things.values()) {
      const isThere = shown[kind as keyof typeof kinds].some((thing) => thing.id === id)
      if (!isThere && removal?.actorId === actorId) works.push(`${id} is removed`)
      if (!isThere) continue
      if (adds.some((add) => add.actorId === actorId)) works.push(`${id} is there`)
      for (const [field, register] of fields) works.push(...written(id, field, register))
    }
  }
  for (const { from, to, status } of shown.connections) {
    const { adds } = state.connections.get(connectionKey({ from, to }))!
    const isTheirs = adds.some((add) => add.actorId === actorId)
    if (isTheirs && status === 'active') works.push(`${JSON.stringify([from, to])} is active`)
  }
  return works

  function written(id: string, field: string, register: Register): string[] {
    const theirs = register.filter(({ stamp }) => stamp.actorId === actorId)
    return theirs.map(({ stamp }) => `${id} ${field} ${stamp.hlc}`)
  }
}

function imported(): ImportedPipeline {
  const step = (name: string) => ({
    id: stepId(name),
    kind: 'http',
    name,
    placement: at(0),
    config: { k: 1 },
    enabled: true,
  })
  return {
    name: 'imported',
    graphRule: 'acyclic',
    steps: [step('i1'), step('i2')],
    connections: [endsOf('i1', 'i2')],
    notes: [{ id: noteId('i'), text: 't', placement: at(0), size: { width: 9, height: 9 } }],
  } as unknown as ImportedPipeline
}
