import { expect } from 'chai'
import type { NoteId, StepId, TeamId, VersionId } from '../../../domain/ids.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { fieldLabel } from '../../../frontend/words/field-label.ts'
import {
  editSentence,
  groupByGesture,
  groupSentence,
  offlineMark,
} from '../../../frontend/words/history-sentence.ts'
import type { HistoryItem } from '../../../frontend/replica/replica.ts'
import { sentenceText, type Sentence } from '../../../frontend/words/sentence.ts'
import { namedUuid } from '../../support/events.ts'
import { FakeReplica, type FakePipeline } from '../../support/fake-replica.ts'

const label = (_: unknown, field: string) => fieldLabel(field)
const stepId = (name: string) => namedUuid('step', name) as StepId
const NOTE = namedUuid('note') as NoteId

const add = (name: string, config = {}): Command => ({
  type: 'AddStep',
  stepId: stepId(name),
  kind: 'http',
  name,
  placement: { x: 0, y: 0 },
  config,
})
const connect = (from: string, to: string): Command => ({
  type: 'Connect',
  from: { stepId: stepId(from), port: 'out' },
  to: { stepId: stepId(to), port: 'in' },
})
const move = (...names: string[]): Command => ({
  type: 'Move',
  moves: names.map((name) => ({ stepId: stepId(name), placement: { x: 10, y: 10 } })),
})
const configure = (name: string, key: string, value: string | number): Command => ({
  type: 'ConfigureStep',
  stepId: stepId(name),
  key,
  value,
})

describe('the history in words', () => {
  let pipeline: FakePipeline

  beforeEach(async () => {
    const replica = new FakeReplica()
    const id = await replica.create('Order intake', namedUuid('team') as TeamId)
    pipeline = replica.open(id)
    await pipeline.execute([add('Fetch orders', { timeoutSeconds: 30 }), add('Score risk')])
  })

  /** What the last gesture says. */
  async function say(...commands: Command[]): Promise<string> {
    await pipeline.execute(commands)
    return sentenceText(await last())
  }

  async function last(): Promise<Sentence> {
    const groups = groupByGesture(await pipeline.history())
    return groupSentence(groups.at(-1)!, label)
  }

  it('says from what to what a setting changed', async () => {
    expect(await say(configure('Fetch orders', 'timeoutSeconds', 60))).to.equal(
      'Changed Timeout, seconds of Fetch orders from 30 to 60',
    )
    expect(await last()).to.deep.include.members([
      { text: 'Fetch orders', as: 'name' },
      { text: '30', as: 'old' },
      { text: '60', as: 'new' },
    ])
  })

  it('says that something was set where there was nothing, or nothing but emptiness', async () => {
    expect(await say(configure('Score risk', 'url', ''))).to.equal('Set URL of Score risk to empty')
    expect(await say(configure('Score risk', 'url', 'https://a.example'))).to.equal(
      'Set URL of Score risk to https://a.example',
    )
  })

  it('says what a cleared setting was', async () => {
    const clear: Command = {
      type: 'ClearStepConfig',
      stepId: stepId('Fetch orders'),
      key: 'timeoutSeconds',
    }
    expect(await say(clear)).to.equal('Cleared Timeout, seconds of Fetch orders, it was 30')
  })

  it('has a verb of its own for names, moves and switches', async () => {
    const id = stepId('Score risk')
    expect(await say({ type: 'RenameStep', stepId: id, name: 'Rate risk' })).to.equal(
      'Renamed Score risk to Rate risk',
    )
    expect(await say(move('Fetch orders'))).to.equal('Moved Fetch orders')
    expect(await say({ type: 'SetStepsEnabled', stepIds: [id], enabled: false })).to.equal(
      'Disabled Rate risk',
    )
    expect(await say({ type: 'RenamePipeline', name: 'Orders' })).to.equal(
      'Renamed Order intake to Orders',
    )
    expect(await say({ type: 'SetGraphRule', graphRule: 'free' })).to.equal('Allowed cycles')
    expect(await say({ type: 'ArchivePipeline' })).to.equal('Archived the pipeline')
  })

  it('names the steps that were connected', async () => {
    expect(await say(connect('Fetch orders', 'Score risk'))).to.equal(
      'Connected Fetch orders to Score risk',
    )
    const { from, to } = connect('Fetch orders', 'Score risk') as Extract<
      Command,
      { type: 'Connect' }
    >
    expect(await say({ type: 'Disconnect', from, to })).to.equal(
      'Disconnected Fetch orders from Score risk',
    )
  })

  it('does not cut a step’s own name at its “to”', async () => {
    await pipeline.execute([add('Send to desk')])
    expect(await say(connect('Fetch orders', 'Send to desk'))).to.equal(
      'Connected Fetch orders to Send to desk',
    )
    expect((await last())[1]).to.deep.equal({ text: 'Fetch orders to Send to desk', as: 'name' })
  })

  it('tells of a note without a text as of a note', async () => {
    const size = { width: 240, height: 100 }
    const placement = { x: 0, y: 0 }
    const note = { type: 'AddNote', noteId: NOTE, text: '', placement, size } as const
    expect(await say(note)).to.equal('Added a note')
    expect(await say({ type: 'EditNote', noteId: NOTE, text: 'Look' })).to.equal(
      'Edited the note Look',
    )
    await say({ type: 'EditNote', noteId: NOTE, text: '' })
    expect(await say({ type: 'Remove', items: [{ noteId: NOTE }] })).to.equal('Removed a note')
  })

  it('tells of notes, versions and things that came back', async () => {
    const note: Command = {
      type: 'AddNote',
      noteId: NOTE,
      text: 'Look twice',
      placement: { x: 0, y: 0 },
      size: { width: 100, height: 100 },
    }
    expect(await say(note)).to.equal('Added the note Look twice')
    expect(
      await say({ type: 'TagVersion', versionId: namedUuid('v') as VersionId, label: 'v8' }),
    ).to.equal('Tagged v8')
    await pipeline.execute([{ type: 'Remove', items: [{ stepId: stepId('Score risk') }] }])
    expect(sentenceText(await last())).to.equal('Removed Score risk')
    expect(await say({ type: 'Restore', item: { stepId: stepId('Score risk') } })).to.equal(
      'Restored Score risk',
    )
  })

  it('sums up a gesture of many edits', async () => {
    expect(await say(move('Fetch orders', 'Score risk'))).to.equal('Moved 2 steps')
    expect(await say(add('A'), add('B'), connect('A', 'B'))).to.equal(
      'Added 2 steps and 1 connection',
    )
    expect(await say(configure('A', 'url', 'x'), configure('A', 'method', 'GET'))).to.equal(
      'Changed 2 settings of A',
    )
    expect(await say(configure('A', 'url', 'y'), configure('B', 'url', 'y'))).to.equal(
      'Changed 2 settings',
    )
    expect(await say(add('C'), move('A', 'B'))).to.equal('Added C, moved 2 steps')
  })

  it('tells how large a pipeline was made at once', async () => {
    const replica = new FakeReplica()
    const id = await replica.createFrom(
      {
        name: 'Imported',
        graphRule: 'acyclic',
        steps: ['A', 'B'].map((name) => {
          const placement = { x: 0, y: 0 }
          return { id: stepId(name), kind: 'http', name, placement, config: {}, enabled: true }
        }),
        connections: [],
        notes: [],
      },
      namedUuid('team') as TeamId,
    )
    const [group] = groupByGesture(await replica.open(id).history())
    expect(sentenceText(groupSentence(group!, label))).to.equal('Created Imported with 2 steps')
  })

  it('keeps a gesture together that others came in between', async () => {
    const history = await pipeline.history()
    const [first, second, third] = history as [HistoryItem, HistoryItem, HistoryItem]
    const other = {
      ...first,
      event: { ...first.event, intentId: namedUuid('other') as typeof first.event.intentId },
    }
    const groups = groupByGesture([second, other, third])
    expect(groups.map(({ entries }) => entries.length)).to.deep.equal([1, 2])
  })

  it('does not pretend to know an event of a newer version', async () => {
    const [entry] = await pipeline.history()
    const unknown: HistoryItem = { ...entry!, verb: 'unknown', name: 'StepTeleported', changes: [] }
    expect(sentenceText(editSentence(unknown, label))).to.contain('does not know')
  })

  it('marks what was made offline by how late it reached the server', async () => {
    const [entry] = await pipeline.history()
    const made = Number(entry!.event.hlc.slice(0, 13))
    const recorded = (later: number) => ({
      ...entry!,
      recordedAt: new Date(made + later).toISOString(),
    })
    expect(offlineMark(recorded(3 * 3_600_000))).to.equal('made offline, synced 3 h later')
    expect(offlineMark(recorded(59_999))).to.equal(null)
    expect(offlineMark(entry!)).to.equal(null)
    expect(offlineMark({ ...entry!, recordedAt: '' })).to.equal(null)
  })
})
