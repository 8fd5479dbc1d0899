import { expect } from 'chai'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { VersionId } from '../../../domain/ids.ts'
import { limits } from '../../../domain/limits.ts'
import type { Command, RejectionCode } from '../../../domain/pipeline/commands.ts'
import { takeSnapshot } from '../../../domain/pipeline/snapshot.ts'
import { namedUuid } from '../../support/events.ts'
import { actorOf, commentId, endsOf, noteId, Peer, stepId, TEAM } from './peer.ts'

const at = (x: number) => ({ x, y: 0 })
const size = { width: 200, height: 80 }
const versionId = namedUuid('version') as VersionId
const a = stepId('a')
const b = stepId('b')
const item = { stepId: a }

/** A pipeline of Ann's with three steps in a row, a removed step, a note, and two comments. */
function somePipeline(): Peer {
  const ann = new Peer('ann').begin('a', 'b', 'c', 'gone')
  ann.connect('a', 'b')
  ann.connect('b', 'c')
  ann.act('StepRemoved', { stepId: stepId('gone') })
  ann.act('NoteAdded', { noteId: noteId('n'), text: 'n', placement: at(0), size })
  ann.act('NoteAdded', { noteId: noteId('gone'), text: 'n', placement: at(0), size })
  ann.act('NoteRemoved', { noteId: noteId('gone') })
  ann.act('CommentAdded', { commentId: commentId('c'), body: 'why?', stepId: a })
  const ben = new Peer('ben', 5).hear(ann)
  ben.act('CommentAdded', { commentId: commentId('of ben'), body: 'so', replyTo: commentId('c') })
  return ann.hear(ben)
}

const typesOf = (events: readonly PipelineEvent[]) => events.map(({ type }) => type)

function accepts(name: string, commands: Command | readonly Command[], types: readonly string[]) {
  it(`turns ${name} into ${types.join(', ')}`, () => {
    const ann = somePipeline()
    const decision = ann.decide(...[commands].flat())
    if (!decision.ok) expect.fail(decision.rejection.message)
    expect(typesOf(decision.events)).to.deep.equal(types)
  })
}

function rejects(
  name: string,
  commands: Command | readonly Command[],
  code: RejectionCode,
  peer: () => Peer = somePipeline,
) {
  it(`rejects ${name}: ${code}`, () => {
    const decision = peer().decide(...[commands].flat())
    if (decision.ok) expect.fail(`it came to ${typesOf(decision.events).join()}`)
    expect(decision.rejection.code).to.equal(code)
    // A sentence for a person: it begins in upper case and ends with a full stop.
    expect(decision.rejection.message).to.match(/^[A-Z].*\.$/)
  })
}

const addStep = (name: string, more: object = {}): Command => ({
  type: 'AddStep',
  stepId: stepId(name),
  kind: 'http',
  name,
  placement: at(1),
  ...more,
})
const connect = (from: string, to: string, port?: string): Command => ({
  type: 'Connect',
  ...endsOf(from, to, port),
})
const configure = (key: string, value: never): Command => ({
  type: 'ConfigureStep',
  stepId: a,
  key,
  value,
})
const choose = (
  kind: 'pipeline' | 'step' | 'note' | 'comment',
  id: string,
  field: string,
  value: never,
): Command => ({ type: 'ChooseValue', thing: { kind, id }, field, value })

describe('decide, about the pipeline', () => {
  const nothing = () => new Peer('ann')
  const create: Command = { type: 'CreatePipeline', name: 'Orders', teamId: TEAM }

  it('creates one that does not exist, with its name trimmed', () => {
    const decision = nothing().decide({ ...create, name: '  Orders ' })
    if (!decision.ok) expect.fail(decision.rejection.message)
    const [event] = decision.events
    expect(event).to.deep.include({ type: 'PipelineCreated', seq: 1, schema: 1 })
    expect(event!.payload).to.deep.equal({ name: 'Orders', teamId: TEAM, graphRule: 'acyclic' })
  })

  rejects('a creation without a name', { ...create, name: ' ' }, 'empty', nothing)
  rejects('a second creation', create, 'exists-already')
  rejects('an edit of one that does not exist', addStep('x'), 'not-there', nothing)
  accepts('a new name', { type: 'RenamePipeline', name: 'Bills' }, ['PipelineRenamed'])
  accepts('a description', { type: 'DescribePipeline', description: 'of' }, ['PipelineDescribed'])
  accepts('a graph rule', { type: 'SetGraphRule', graphRule: 'free' }, ['PipelineGraphRuleSet'])
  accepts('an archiving', { type: 'ArchivePipeline' }, ['PipelineArchived'])
  accepts('a version', { type: 'TagVersion', versionId, label: 'v1' }, ['VersionTagged'])
  rejects('the same name again', { type: 'RenamePipeline', name: ' Orders ' }, 'no-change')
  rejects('the graph rule it has', { type: 'SetGraphRule', graphRule: 'acyclic' }, 'no-change')
  rejects('an unarchiving of an active one', { type: 'UnarchivePipeline' }, 'no-change')
  rejects('no name', { type: 'RenamePipeline', name: '' }, 'empty')
  rejects('a version without a label', { type: 'TagVersion', versionId, label: ' ' }, 'empty')
  rejects('a name that is too long', { type: 'RenamePipeline', name: 'n'.repeat(1_001) }, 'invalid')
  rejects('no command at all', [], 'no-change')

  it('tags a version of everything that is in view', () => {
    const ann = somePipeline()
    const { cut } = ann.run({ type: 'TagVersion', versionId, label: 'v1' })[0]!.payload as {
      cut: object
    }
    const before = Object.fromEntries([...ann.state.replicas].map(([id, { seq }]) => [id, seq]))
    expect(cut).to.deep.equal({ ...before, [ann.replicaId]: before[ann.replicaId]! - 1 })
  })
})

describe('decide, about an archived pipeline', () => {
  const archived = () => {
    const ann = somePipeline()
    ann.act('PipelineArchived', {})
    return ann
  }
  const moved = { type: 'StepMoved', payload: { stepId: a, placement: at(5) } } as const
  const unarchived = { type: 'PipelineUnarchived', payload: {} } as const

  rejects('a new step', addStep('x'), 'archived', archived)
  rejects(
    'a comment',
    { type: 'EditComment', commentId: commentId('c'), body: 'x' },
    'archived',
    archived,
  )
  rejects('an archiving', { type: 'ArchivePipeline' }, 'archived', archived)
  rejects('a choice', choose('step', a, 'name', 'x' as never), 'archived', archived)
  rejects(
    'what an undo or a paste put together',
    { type: 'Apply', changes: [moved] },
    'archived',
    archived,
  )
  rejects(
    'an edit after the archiving in one gesture',
    [{ type: 'ArchivePipeline' }, addStep('x')],
    'archived',
  )

  it('lets it be unarchived, and then edited in the same gesture', () => {
    const decision = archived().decide({ type: 'UnarchivePipeline' }, addStep('x'))
    expect(decision.ok && typesOf(decision.events)).to.deep.equal([
      'PipelineUnarchived',
      'StepAdded',
    ])
    const undone = archived().decide({ type: 'Apply', changes: [unarchived, moved] })
    expect(undone.ok && typesOf(undone.events)).to.deep.equal(['PipelineUnarchived', 'StepMoved'])
  })
})

describe('decide, about steps', () => {
  accepts('a new step', addStep('x'), ['StepAdded'])
  accepts('a move', { type: 'Move', moves: [{ stepId: a, placement: at(9) }] }, ['StepMoved'])
  accepts(
    'a move of a selection',
    {
      type: 'Move',
      moves: [
        { stepId: a, placement: at(9) },
        { stepId: b, placement: at(0) },
        { noteId: noteId('n'), placement: at(9) },
      ],
    },
    ['StepMoved', 'NoteMoved'],
  )
  accepts('a name', { type: 'RenameStep', stepId: a, name: 'Fetch' }, ['StepRenamed'])
  accepts('a value', configure('timeout', 60 as never), ['StepConfigured'])
  accepts('a null', configure('timeout', null as never), ['StepConfigured'])
  accepts('a cleared key', { type: 'ClearStepConfig', stepId: a, key: 'timeout' }, [
    'StepConfigCleared',
  ])
  accepts(
    'a clearing of what was set to null',
    [configure('k', null as never), { type: 'ClearStepConfig', stepId: a, key: 'k' }],
    ['StepConfigured', 'StepConfigCleared'],
  )
  accepts('a switching off', { type: 'SetStepsEnabled', stepIds: [a, b], enabled: false }, [
    'StepDisabled',
    'StepDisabled',
  ])
  accepts('a removal', { type: 'Remove', items: [item] }, ['StepRemoved'])
  accepts(
    'a removal of a selection, connections first',
    { type: 'Remove', items: [item, { noteId: noteId('n') }], connections: [endsOf('a', 'b')] },
    ['StepsDisconnected', 'StepRemoved', 'NoteRemoved'],
  )
  accepts('a restore', { type: 'Restore', item: { stepId: stepId('gone') } }, ['StepRestored'])

  rejects('an id that is taken', addStep('a'), 'exists-already')
  rejects('an id of a removed step', addStep('gone'), 'exists-already')
  rejects('no name', addStep('x', { name: '' }), 'empty')
  rejects('no kind', addStep('x', { kind: '' }), 'invalid')
  rejects('a name of spaces', { type: 'RenameStep', stepId: a, name: ' ' }, 'empty')
  rejects('the name it has', { type: 'RenameStep', stepId: a, name: 'a' }, 'no-change')
  rejects(
    'the place it has',
    { type: 'Move', moves: [{ stepId: a, placement: at(0) }] },
    'no-change',
  )
  rejects('the value it has', configure('timeout', 30 as never), 'no-change')
  it('writes a null once, not twice', () => {
    const events = somePipeline().run(configure('k', null as never), configure('k', null as never))
    expect(typesOf(events)).to.deep.equal(['StepConfigured'])
  })
  rejects('a key that is not set', { type: 'ClearStepConfig', stepId: a, key: 'x' }, 'no-change')
  rejects(
    'a step that is on',
    { type: 'SetStepsEnabled', stepIds: [a], enabled: true },
    'no-change',
  )
  rejects(
    'a place off the canvas',
    { type: 'Move', moves: [{ stepId: a, placement: at(2e9) }] },
    'invalid',
  )
  rejects(
    'a place that is no number',
    { type: 'Move', moves: [{ stepId: a, placement: at(Number.NaN) }] },
    'invalid',
  )
  rejects('a key that is empty', configure('', 1 as never), 'invalid')
  rejects('a key that reaches a prototype', configure('__proto__', 1 as never), 'invalid')
  rejects('a value that is no JSON', configure('k', Infinity as never), 'invalid')
  rejects('a text with U+0000', configure('k', 'a\u0000' as never), 'invalid')
  rejects('half a character', { type: 'RenameStep', stepId: a, name: '\ud800' }, 'invalid')
  rejects(
    'an edit of a removed step',
    { type: 'RenameStep', stepId: stepId('gone'), name: 'x' },
    'not-there',
  )
  rejects(
    'an edit of an unknown step',
    { type: 'RenameStep', stepId: stepId('?'), name: 'x' },
    'not-there',
  )
  rejects(
    'a removal of a removed step',
    { type: 'Remove', items: [{ stepId: stepId('gone') }] },
    'not-there',
  )
  rejects('a restore of one that is there', { type: 'Restore', item }, 'no-change')
  rejects(
    'a restore of one that never was',
    { type: 'Restore', item: { stepId: stepId('?') } },
    'not-there',
  )
  rejects('a removal of nothing', { type: 'Remove', items: [] }, 'no-change')
  rejects(
    'a gesture of which one part is rejected',
    [configure('timeout', 1 as never), { type: 'Remove', items: [{ stepId: stepId('?') }] }],
    'not-there',
  )
  rejects(
    'a value that makes the event larger than the server takes',
    configure('blob', 'x'.repeat(limits.eventBytes) as never),
    'invalid',
  )

  it('decides each command of a gesture on what the ones before it leave', () => {
    const events = somePipeline().run(
      addStep('x'),
      { type: 'RenameStep', stepId: stepId('x'), name: 'y' },
      connect('c', 'x'),
      { type: 'Remove', items: [{ stepId: stepId('x') }] },
    )
    expect(typesOf(events)).to.deep.equal([
      'StepAdded',
      'StepRenamed',
      'StepsConnected',
      'StepRemoved',
    ])
    expect(new Set(events.map(({ intentId }) => intentId)).size).to.equal(1)
  })
})

describe('decide, about connections', () => {
  accepts('a connection', connect('a', 'c'), ['StepsConnected'])
  accepts('a second one between other ports', connect('a', 'b', 'in1'), ['StepsConnected'])
  accepts('a removal', { type: 'Disconnect', ...endsOf('a', 'b') }, ['StepsDisconnected'])
  rejects('one that is there', connect('a', 'b'), 'exists-already')
  rejects('one to a removed step', connect('a', 'gone'), 'not-there')
  rejects('one from a step that never was', connect('?', 'a'), 'not-there')
  rejects('one of a step to itself', connect('a', 'a'), 'would-close-cycle')
  rejects('one that closes a cycle', connect('c', 'a'), 'would-close-cycle')
  rejects(
    'a removal of one that is not there',
    { type: 'Disconnect', ...endsOf('a', 'c') },
    'not-there',
  )
  accepts(
    'a cycle in a free pipeline',
    [{ type: 'SetGraphRule', graphRule: 'free' }, connect('c', 'a'), connect('b', 'b')],
    ['PipelineGraphRuleSet', 'StepsConnected', 'StepsConnected'],
  )

  it('names the path that stands in the way of a cycle', () => {
    const decision = somePipeline().decide(connect('c', 'a'))
    expect(!decision.ok && decision.rejection.path).to.deep.equal([
      endsOf('a', 'b'),
      endsOf('b', 'c'),
    ])
  })
})

describe('decide, about notes', () => {
  const note = { type: 'AddNote', text: 'hm', placement: at(1), size } as const
  accepts('a note', { ...note, noteId: noteId('x') }, ['NoteAdded'])
  accepts('a text', { type: 'EditNote', noteId: noteId('n'), text: '' }, ['NoteEdited'])
  accepts('a size', { type: 'ResizeNote', noteId: noteId('n'), size: { width: 9, height: 9 } }, [
    'NoteResized',
  ])
  accepts('a removal', { type: 'Remove', items: [{ noteId: noteId('n') }] }, ['NoteRemoved'])
  accepts('a restore', { type: 'Restore', item: { noteId: noteId('gone') } }, ['NoteRestored'])
  rejects('an id that is taken', { ...note, noteId: noteId('n') }, 'exists-already')
  rejects('the text it has', { type: 'EditNote', noteId: noteId('n'), text: 'n' }, 'no-change')
  rejects('the size it has', { type: 'ResizeNote', noteId: noteId('n'), size }, 'no-change')
  rejects(
    'an edit of a removed note',
    { type: 'EditNote', noteId: noteId('gone'), text: 'x' },
    'not-there',
  )
})

describe('decide, about comments', () => {
  const comment = { type: 'AddComment', commentId: commentId('x'), body: 'hm' } as const
  const mine = { commentId: commentId('c') }
  const bens = { commentId: commentId('of ben') }
  accepts('a comment', comment, ['CommentAdded'])
  accepts('one on a step', { ...comment, stepId: a }, ['CommentAdded'])
  accepts('a reply', { ...comment, replyTo: commentId('c') }, ['CommentAdded'])
  accepts('a new body', { type: 'EditComment', ...mine, body: 'x' }, ['CommentEdited'])
  accepts('a resolving, of anybody’s', { type: 'ResolveComment', ...bens, resolved: true }, [
    'CommentResolved',
  ])
  accepts(
    'a reopening',
    [
      { type: 'ResolveComment', ...mine, resolved: true },
      { type: 'ResolveComment', ...mine, resolved: false },
    ],
    ['CommentResolved', 'CommentReopened'],
  )
  accepts('a removal', { type: 'RemoveComment', ...mine }, ['CommentRemoved'])
  accepts(
    'a restore',
    [
      { type: 'RemoveComment', ...mine },
      { type: 'Restore', item: mine },
    ],
    ['CommentRemoved', 'CommentRestored'],
  )
  rejects('one that says nothing', { ...comment, body: ' \n' }, 'empty')
  rejects('an id that is taken', { ...comment, commentId: commentId('of ben') }, 'exists-already')
  rejects('one on a step that never was', { ...comment, stepId: stepId('?') }, 'not-there')
  rejects('one on a removed step', { ...comment, stepId: stepId('gone') }, 'not-there')
  rejects('a reply to nothing', { ...comment, replyTo: commentId('?') }, 'not-there')
  rejects('an edit that leaves nothing', { type: 'EditComment', ...mine, body: ' ' }, 'empty')
  rejects('an edit of somebody else’s', { type: 'EditComment', ...bens, body: 'x' }, 'not-yours')
  rejects('a removal of somebody else’s', { type: 'RemoveComment', ...bens }, 'not-yours')
  rejects(
    'a reopening of an open one',
    { type: 'ResolveComment', ...mine, resolved: false },
    'no-change',
  )
  rejects(
    'a choice about somebody else’s body',
    choose('comment', bens.commentId, 'body', 'x' as never),
    'not-yours',
  )
})

describe('decide, about conflicts', () => {
  /** Ann removed step a and set b's timeout; Ben had meanwhile set both. */
  function conflicted(): Peer {
    const ann = somePipeline()
    const ben = new Peer('ben', 50).hear(ann)
    ann.act('StepRemoved', { stepId: a })
    ann.setTimeout('b', 45)
    ben.setTimeout('a', 60)
    ben.setTimeout('b', 60)
    return ann.hear(ben)
  }
  const field = 'config.timeout'
  const again = (name: string): Command => ({
    type: 'RemoveAgain',
    thing: { kind: 'step', id: stepId(name) },
  })

  it('writes the chosen value again, the one on show too, having seen them all', () => {
    for (const value of [45, 60] as never[]) {
      const events = conflicted().run(choose('step', b, field, value))
      expect(typesOf(events)).to.deep.equal(['StepConfigured'])
      expect(events[0]!.clock).to.have.keys(['ann000000000', 'ben000000000'])
    }
  })

  it('clears the key where absent is chosen', () => {
    const events = conflicted().run(choose('step', b, field, undefined as never))
    expect(typesOf(events)).to.deep.equal(['StepConfigCleared'])
  })

  it('removes again what was edited while it was removed', () => {
    expect(typesOf(conflicted().run(again('a')))).to.deep.equal(['StepRemoved'])
  })

  rejects(
    'a choice where nothing is in conflict',
    choose('step', b, 'name', 'b' as never),
    'no-change',
    conflicted,
  )
  rejects(
    'a choice about a removed step',
    choose('step', a, field, 1 as never),
    'not-there',
    conflicted,
  )
  rejects(
    'a choice about what never was',
    choose('note', noteId('?'), 'text', 'x' as never),
    'not-there',
    conflicted,
  )
  rejects(
    'a choice of a field that no event writes',
    choose('step', b, 'kind', 'x' as never),
    'invalid',
    conflicted,
  )
  rejects('a removal again of what is there', again('b'), 'no-change', conflicted)
  rejects('a removal again of what nobody edited', again('gone'), 'no-change', conflicted)
  rejects('a removal again of what never was', again('?'), 'not-there', conflicted)
})

describe('decide, about changes put together elsewhere', () => {
  const created = { type: 'PipelineCreated', payload: { name: 'x', teamId: TEAM } } as const
  const renamed = { type: 'StepRenamed', payload: { stepId: a, name: 'x' } } as const
  const nothing = () => new Peer('ann')

  it('takes them as they are, in one gesture', () => {
    const apply: Command = {
      type: 'Apply',
      changes: [created, { type: 'PipelineArchived', payload: {} }],
    }
    expect(typesOf(nothing().run(apply))).to.deep.equal(['PipelineCreated', 'PipelineArchived'])
  })

  rejects('none', { type: 'Apply', changes: [] }, 'no-change')
  rejects('a creation of what is there', { type: 'Apply', changes: [created] }, 'exists-already')
  rejects('an edit of what is not', { type: 'Apply', changes: [renamed] }, 'not-there', nothing)
  rejects(
    'one of the wrong form',
    { type: 'Apply', changes: [{ ...renamed, payload: {} } as never] },
    'invalid',
  )
})

describe('decide', () => {
  it('does not touch the state it is given, accepted or not', () => {
    const ann = somePipeline()
    const before = JSON.stringify(takeSnapshot(ann.state))
    const commands: Command[] = [
      addStep('x'),
      connect('a', 'c'),
      { type: 'Remove', items: [item] },
      { type: 'RenamePipeline', name: 'other' },
      { type: 'EditNote', noteId: noteId('n'), text: 'other' },
      { type: 'ResolveComment', commentId: commentId('c'), resolved: true },
    ]
    expect(ann.decide(...commands).ok).to.equal(true)
    expect(ann.decide(...commands, connect('?', '?')).ok).to.equal(false)
    expect(JSON.stringify(takeSnapshot(ann.state))).to.equal(before)
  })

  it('stamps each event on top of the one before: number, clock, time and author', () => {
    const ann = somePipeline()
    const { seq, hlc } = ann.state.replicas.get(ann.replicaId)!
    const others = { ben000000000: ann.state.replicas.get('ben000000000' as never)!.seq }
    const events = ann.run(addStep('x'), addStep('y'), addStep('z'))
    expect(events.map((event) => event.seq)).to.deep.equal([seq + 1, seq + 2, seq + 3])
    let last = hlc
    for (const event of events) {
      expect(event.clock).to.deep.equal({ ...others, [ann.replicaId]: event.seq })
      expect(
        event.hlc > last && event.hlc > ann.state.replicas.get('ben000000000' as never)!.hlc,
      ).to.equal(true)
      expect(event.actorId).to.equal(actorOf('ann'))
      last = event.hlc
    }
  })
})
