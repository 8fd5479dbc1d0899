import { expect } from 'chai'
import type { StepId, TeamId } from '../../../domain/ids.ts'
import { leftAloneWords } from '../../../frontend/words/left-alone.ts'
import { namedUuid } from '../../support/events.ts'
import { FakeReplica, type FakePipeline } from '../../support/fake-replica.ts'

const STEP = namedUuid('step') as StepId
const BRUNO = namedUuid('bruno')

describe('what an undo left alone', () => {
  let pipeline: FakePipeline

  beforeEach(async () => {
    const replica = new FakeReplica()
    pipeline = replica.open(await replica.create('Order intake', namedUuid('team') as TeamId))
    await pipeline.execute([
      {
        type: 'AddStep',
        stepId: STEP,
        kind: 'http',
        name: 'Fetch orders',
        placement: { x: 0, y: 0 },
        config: { timeout: 30 },
      },
    ])
  })

  it('is nothing to speak of where everything was undone', async () => {
    await pipeline.execute([{ type: 'ConfigureStep', stepId: STEP, key: 'timeout', value: 60 }])
    const { done, leftAlone } = await pipeline.undo()
    expect([done, leftAloneWords(leftAlone, pipeline.state)]).to.deep.equal([true, ''])
  })

  it('is named by field and step where somebody else wrote since', async () => {
    await pipeline.execute([{ type: 'ConfigureStep', stepId: STEP, key: 'timeout', value: 60 }])
    pipeline
      .otherDevice(BRUNO, 'brunodevice0')
      .execute([{ type: 'ConfigureStep', stepId: STEP, key: 'timeout', value: 45 }])
      .send()
    const { leftAlone } = await pipeline.undo()
    expect(leftAloneWords(leftAlone, pipeline.state)).to.equal(
      'Somebody else changed Timeout of Fetch orders since, so it stays.',
    )
  })

  it('is named by the thing alone where that was touched or moved', async () => {
    const { state } = pipeline
    const thing = { kind: 'step', id: STEP } as const
    expect(leftAloneWords([{ thing }], state)).to.equal(
      'Somebody else changed Fetch orders since, so it stays.',
    )
    expect(leftAloneWords([{ thing, field: 'placement' }], state)).to.contain('Fetch orders since')
  })

  it('counts what is too much to name', () => {
    const left = ['name', 'config.url', 'config.method', 'enabled'].map((field) => ({
      thing: { kind: 'step', id: STEP } as const,
      field,
    }))
    expect(leftAloneWords(left, pipeline.state)).to.equal(
      'Somebody else changed Name of Fetch orders, URL of Fetch orders and 2 more since, so they stay.',
    )
  })

  it('finds words for what is not here at all', () => {
    const gone = (kind: 'note' | 'connection') => [{ thing: { kind, id: 'x' } }]
    expect(leftAloneWords(gone('note'), pipeline.state)).to.contain('a note')
    expect(leftAloneWords(gone('connection'), pipeline.state)).to.contain('a connection')
  })
})
