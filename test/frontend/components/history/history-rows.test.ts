import { expect } from 'chai'
import type { StepId, TeamId } from '../../../../domain/ids.ts'
import type { Command } from '../../../../domain/pipeline/commands.ts'
import {
  historyRows,
  type HistoryFilter,
} from '../../../../frontend/components/history/history-rows.ts'
import { groupByGesture, type HistoryGroup } from '../../../../frontend/words/history-sentence.ts'
import { namedUuid } from '../../../support/events.ts'
import { FakeReplica } from '../../../support/fake-replica.ts'

const stepId = (name: string) => namedUuid('step', name) as StepId
const add = (name: string): Command => ({
  type: 'AddStep',
  stepId: stepId(name),
  kind: 'http',
  name,
  placement: { x: 0, y: 0 },
})

describe('the rows of the history', () => {
  let groups: HistoryGroup[]
  const rows = (filter: Partial<HistoryFilter> = {}) =>
    historyRows(groups, {
      search: '',
      stepId: null,
      opened: new Set(),
      textOf: ({ entries }) => `Ada ${entries.map(({ name }) => name).join(' ')}`,
      ...filter,
    })
  const names = (filter?: Partial<HistoryFilter>) =>
    rows(filter).map((row) =>
      row.type === 'edit' ? `- ${row.entry.name}` : row.group.entries.length,
    )

  before(async () => {
    const replica = new FakeReplica()
    const pipeline = replica.open(await replica.create('Order intake', namedUuid('team') as TeamId))
    await pipeline.execute([add('Fetch'), add('Score')])
    await pipeline.execute([{ type: 'RenameStep', stepId: stepId('Fetch'), name: 'Get' }])
    const from = { stepId: stepId('Fetch'), port: 'out' }
    await pipeline.execute([{ type: 'Connect', from, to: { stepId: stepId('Score'), port: 'in' } }])
    groups = groupByGesture(await pipeline.history())
  })

  it('are gestures, the newest first', () => {
    expect(names()).to.deep.equal([1, 1, 2, 1])
    expect(rows()[3]).to.deep.include({ type: 'gesture', group: groups[0] })
  })

  it('open out into edits, the newest first', () => {
    const [, , many] = groups.toReversed()
    expect(names({ opened: new Set([many!.intentId]) })).to.deep.equal([
      1,
      1,
      2,
      '- Score',
      '- Fetch',
      1,
    ])
  })

  it('do not open where there is only one edit', () => {
    const opened = new Set(groups.map(({ intentId }) => intentId))
    expect(names({ opened })).to.deep.equal([1, 1, 2, '- Score', '- Fetch', 1])
  })

  it('are narrowed down to what holds every word', () => {
    expect(rows({ search: 'ada SCORE' })).to.have.length(2)
    expect(rows({ search: 'bruno' })).to.have.length(0)
  })

  it('are narrowed down to one step, its connections included', () => {
    expect(names({ stepId: stepId('Score') })).to.deep.equal([1, 2])
    expect(names({ stepId: stepId('Fetch') })).to.deep.equal([1, 1, 2])
  })

  it('have keys that no other row has', () => {
    const keys = rows({ opened: new Set(groups.map(({ intentId }) => intentId)) }).map(
      ({ key }) => key,
    )
    expect(new Set(keys).size).to.equal(keys.length)
  })
})
