import { expect } from 'chai'
import fc from 'fast-check'
import type { PipelineEvent, Stamp } from '../../../domain/events/event.ts'
import { evolve } from '../../../domain/pipeline/evolve.ts'
import { describeEvent, type HistoryEntry } from '../../../domain/pipeline/history.ts'
import { initialState } from '../../../domain/pipeline/state.ts'
import { pipelineEvent } from '../../support/events.ts'
import { moves, PIPELINE, play } from './histories.ts'
import { commentId, endsOf, noteId, Peer, stepId, TEAM } from './peer.ts'

/** Every event of a story, described by the state just before it. */
function told(events: readonly PipelineEvent[]): HistoryEntry[] {
  const state = initialState(PIPELINE)
  return events.map((event) => {
    const entry = describeEvent(state, event)
    evolve(state, event)
    return entry
  })
}

const last = (peer: Peer) => told(peer.seen).at(-1)!
const isOf = (stamp: Stamp, { replicaId, seq }: PipelineEvent) =>
  stamp.replicaId === replicaId && stamp.seq === seq
const at = (x: number) => ({ x, y: 0 })

describe('the history of an event', () => {
  it('says what was created, with every value that came with it', () => {
    const ann = new Peer('ann')
    const event = ann.act('PipelineCreated', { name: 'Orders', teamId: TEAM })
    expect(last(ann)).to.deep.equal({
      event,
      verb: 'created',
      subject: { kind: 'pipeline', id: '' },
      name: 'Orders',
      changes: [
        { field: 'name', to: 'Orders' },
        { field: 'teamId', to: TEAM },
        { field: 'description', to: '' },
        { field: 'graphRule', to: 'acyclic' },
      ],
    })
  })

  it('says from what to what a field was changed', () => {
    const ann = new Peer('ann').begin('a')
    ann.setTimeout('a', 60)
    expect(last(ann)).to.deep.include({
      verb: 'changed',
      subject: { kind: 'step', id: stepId('a') },
      name: 'a',
      changes: [{ field: 'config.timeout', from: 30, to: 60 }],
    })
    ann.act('StepMoved', { stepId: stepId('a'), placement: at(7) })
    expect(last(ann).changes).to.deep.equal([{ field: 'placement', from: at(0), to: at(7) }])
    ann.act('PipelineArchived', {})
    expect(last(ann).changes).to.deep.equal([{ field: 'archived', to: true }])
    ann.act('PipelineUnarchived', {})
    expect(last(ann).changes).to.deep.equal([{ field: 'archived', from: true, to: false }])
  })

  it('tells a cleared key from one set to null', () => {
    const ann = new Peer('ann').begin('a')
    ann.act('StepConfigured', { stepId: stepId('a'), key: 'timeout', value: null })
    expect(last(ann).changes).to.deep.equal([{ field: 'config.timeout', from: 30, to: null }])
    ann.act('StepConfigCleared', { stepId: stepId('a'), key: 'timeout' })
    expect(last(ann).changes).to.deep.equal([{ field: 'config.timeout', from: null }])
  })

  it('calls a thing by the name that it had before', () => {
    const ann = new Peer('ann').begin('a')
    ann.act('StepRenamed', { stepId: stepId('a'), name: 'Fetch' })
    expect(last(ann)).to.deep.include({
      name: 'a',
      changes: [{ field: 'name', from: 'a', to: 'Fetch' }],
    })
    ann.act('StepRemoved', { stepId: stepId('a') })
    expect(last(ann)).to.deep.include({ verb: 'removed', name: 'Fetch', changes: [] })
    ann.act('StepRestored', { stepId: stepId('a') })
    expect(last(ann)).to.deep.include({ verb: 'restored', name: 'Fetch' })
  })

  it('names notes and comments by what they say', () => {
    const ann = new Peer('ann').begin('a')
    const size = { width: 9, height: 9 }
    ann.act('NoteAdded', { noteId: noteId('n'), text: 'mind the gap', placement: at(0), size })
    expect(last(ann)).to.deep.include({ verb: 'added', name: 'mind the gap' })
    ann.act('CommentAdded', { commentId: commentId('c'), body: 'why?', stepId: stepId('a') })
    expect(last(ann)).to.deep.include({
      verb: 'added',
      subject: { kind: 'comment', id: commentId('c') },
      name: 'why?',
      changes: [
        { field: 'body', to: 'why?' },
        { field: 'stepId', to: stepId('a') },
      ],
    })
    ann.act('CommentResolved', { commentId: commentId('c') })
    expect(last(ann)).to.deep.include({
      verb: 'changed',
      name: 'why?',
      changes: [{ field: 'resolved', to: true }],
    })
  })

  it('names a connection by its two steps, and a version by its label', () => {
    const ann = new Peer('ann').begin('a', 'b')
    ann.connect('a', 'b')
    expect(last(ann)).to.deep.include({ verb: 'connected', name: 'a to b', changes: [] })
    expect(last(ann).subject.kind).to.equal('connection')
    ann.disconnect('a', 'b')
    expect(last(ann)).to.deep.include({ verb: 'disconnected', name: 'a to b' })
    const { from } = endsOf('a', 'b')
    ann.act('StepsConnected', { from, to: { stepId: stepId('unheard of'), port: 'in0' } })
    expect(last(ann).name).to.equal('a to a step')
    ann.act('VersionTagged', { versionId: stepId('v') as never, label: 'v1', cut: {} })
    expect(last(ann)).to.deep.include({
      verb: 'tagged',
      subject: { kind: 'version', id: stepId('v') },
      name: 'v1',
    })
  })

  it('shows an event that this program does not know as unknown, by its type', () => {
    const event = pipelineEvent({ type: 'StepPainted', payload: { colour: 'red' } })
    const subject = { kind: 'pipeline', id: PIPELINE }
    const entry = { event, verb: 'unknown', subject, name: 'StepPainted', changes: [] }
    expect(told([event])).to.deep.equal([entry])
  })

  it('says of any event what it wrote, and takes "from" from what was on show', () => {
    fc.assert(
      fc.property(moves, (script) => {
        const events = play(script)
        const state = initialState(PIPELINE)
        for (const event of events) {
          const { subject, changes } = describeEvent(state, event)
          const things = { step: state.steps, note: state.notes, comment: state.comments } as const
          const find = () =>
            subject.kind === 'pipeline'
              ? state.pipeline
              : things[subject.kind as keyof typeof things]?.get(subject.id)
          const before = find()
          for (const { field, from } of changes) {
            expect(from).to.deep.equal(before?.fields.get(field)?.[0]?.value)
          }
          evolve(state, event)
          const after = find()
          for (const { field, to } of changes) {
            const write = after!.fields.get(field)!.find(({ stamp }) => isOf(stamp, event))
            expect(write!.value).to.deep.equal(to)
          }
        }
      }),
      { numRuns: 60, seed: 1 },
    )
  })
})
