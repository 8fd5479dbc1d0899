import { expect } from 'chai'
import type { NoteId, StepId, TeamId } from '../../../../domain/ids.ts'
import type { Command } from '../../../../domain/pipeline/commands.ts'
import { conflictsOf } from '../../../../domain/pipeline/conflicts.ts'
import { groupConflicts } from '../../../../frontend/components/conflicts/conflict-groups.ts'
import { conflictCounts } from '../../../../frontend/stores/conflict-counts.ts'
import { namedUuid } from '../../../support/events.ts'
import { FakeReplica, type FakePipeline } from '../../../support/fake-replica.ts'

const stepId = (name: string) => namedUuid('step', name) as StepId
const NOTE = namedUuid('note') as NoteId
const BRUNO = namedUuid('bruno')

const add = (name: string): Command => ({
  type: 'AddStep',
  stepId: stepId(name),
  kind: 'http',
  name,
  placement: { x: 0, y: 0 },
  config: { timeout: 30, url: '' },
})
const connect = (from: string, to: string): Command => ({
  type: 'Connect',
  from: { stepId: stepId(from), port: 'out' },
  to: { stepId: stepId(to), port: 'in' },
})
const set = (name: string, key: string, value: string | number): Command => ({
  type: 'ConfigureStep',
  stepId: stepId(name),
  key,
  value,
})

describe('conflicts by the thing they are about', () => {
  let pipeline: FakePipeline
  const groups = () => groupConflicts(conflictsOf(pipeline.state), pipeline.state)

  beforeEach(async () => {
    const replica = new FakeReplica()
    pipeline = replica.open(await replica.create('Order intake', namedUuid('team') as TeamId))
    await pipeline.execute([add('Fetch'), add('Score')])
  })

  it('are none where nobody disagrees', () => {
    expect(groups()).to.deep.equal([])
  })

  it('gather the fields of one step', async () => {
    const bruno = pipeline.otherDevice(BRUNO, 'brunodevice0')
    bruno.execute([set('Fetch', 'timeout', 45), set('Fetch', 'url', 'b')])
    await pipeline.execute([set('Fetch', 'timeout', 60), set('Fetch', 'url', 'a')])
    bruno.send()
    const [group, ...others] = groups()
    expect(others).to.deep.equal([])
    expect(group).to.deep.include({
      thing: { kind: 'step', id: stepId('Fetch') },
      title: 'Fetch',
      fields: ['config.timeout', 'config.url'],
      edits: [],
      removal: null,
    })
  })

  it('tell who removed what somebody else was editing', async () => {
    const bruno = pipeline.otherDevice(BRUNO, 'brunodevice0')
    bruno.execute([{ type: 'Remove', items: [{ stepId: stepId('Fetch') }] }])
    await pipeline.execute([set('Fetch', 'timeout', 60)])
    bruno.send()
    const [group] = groups()
    expect(group?.removal?.actorId).to.equal(BRUNO)
    expect(group?.edits.map(({ field, values }) => [field, values[0]?.value])).to.deep.equal([
      ['config.timeout', 60],
    ])
  })

  it('put a suspended connection with the step that it starts from', async () => {
    const bruno = pipeline.otherDevice(BRUNO, 'brunodevice0')
    bruno.execute([connect('Score', 'Fetch')])
    await pipeline.execute([connect('Fetch', 'Score')])
    bruno.send()
    const [group] = groups()
    expect(group?.suspended).to.have.length(1)
    expect(group?.thing.id).to.equal(group?.suspended[0]?.ends.from.stepId)
    expect([...conflictCounts(conflictsOf(pipeline.state))]).to.deep.equal([[group?.thing.id, 1]])
  })

  it('have a title for the pipeline itself and for a note', async () => {
    const note: Command = {
      type: 'AddNote',
      noteId: NOTE,
      text: 'Orders over 10 k need a second look before the upsert runs.',
      placement: { x: 0, y: 0 },
      size: { width: 100, height: 100 },
    }
    await pipeline.execute([note])
    const bruno = pipeline.otherDevice(BRUNO, 'brunodevice0')
    bruno.execute([
      { type: 'RenamePipeline', name: 'B' },
      { type: 'EditNote', noteId: NOTE, text: 'From Bruno' },
    ])
    await pipeline.execute([
      { type: 'RenamePipeline', name: 'A' },
      {
        type: 'EditNote',
        noteId: NOTE,
        text: 'Orders over 20 k need a second look before they run.',
      },
    ])
    bruno.send()
    expect(groups().map(({ title }) => title)).to.deep.equal([
      'Pipeline',
      'Orders over 20 k need a second look bef…',
    ])
  })
})
