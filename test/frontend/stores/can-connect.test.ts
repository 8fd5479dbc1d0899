import { expect } from 'chai'
import type { StepId, TeamId } from '../../../domain/ids.ts'
import { whyNotConnect } from '../../../frontend/stores/can-connect.ts'
import { namedUuid } from '../../support/events.ts'
import { FakeReplica, type FakePipeline } from '../../support/fake-replica.ts'

const stepId = (name: string) => namedUuid('step', name) as StepId
const wire = (from: string, to: string) => ({
  from: { stepId: stepId(from), port: 'out' },
  to: { stepId: stepId(to), port: 'in' },
})

describe('whether two ports can be connected', () => {
  let pipeline: FakePipeline

  beforeEach(async () => {
    const replica = new FakeReplica()
    pipeline = replica.open(await replica.create('Order intake', namedUuid('team') as TeamId))
    const placement = { x: 0, y: 0 }
    await pipeline.execute(
      ['A', 'B', 'C'].map((name) => {
        return { type: 'AddStep', stepId: stepId(name), kind: 'http', name, placement } as const
      }),
    )
    await pipeline.execute([
      { type: 'Connect', ...wire('A', 'B') },
      { type: 'Connect', ...wire('B', 'C') },
    ])
  })

  it('is free where nothing stands in the way', () => {
    expect(whyNotConnect(pipeline.state, wire('A', 'C'))).to.equal(null)
  })
  it('names what it would close a cycle over', () => {
    expect(whyNotConnect(pipeline.state, wire('C', 'A'))).to.equal('It would close a cycle over B')
    expect(whyNotConnect(pipeline.state, wire('B', 'A'))).to.equal('It would close a cycle')
    expect(whyNotConnect(pipeline.state, wire('A', 'A'))).to.equal('It would close a cycle')
  })
  it('allows cycles where the pipeline does', async () => {
    await pipeline.execute([{ type: 'SetGraphRule', graphRule: 'free' }])
    expect(whyNotConnect(pipeline.state, wire('C', 'A'))).to.equal(null)
  })
  it('refuses the same connection twice, until it was cut', async () => {
    expect(whyNotConnect(pipeline.state, wire('A', 'B'))).to.equal('Connected already')
    await pipeline.execute([{ type: 'Disconnect', ...wire('A', 'B') }])
    expect(whyNotConnect(pipeline.state, wire('A', 'B'))).to.equal(null)
  })
})
