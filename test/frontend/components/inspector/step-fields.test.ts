import { expect } from 'chai'
import type { StepId, TeamId } from '../../../../domain/ids.ts'
import type { Command } from '../../../../domain/pipeline/commands.ts'
import { stepKind } from '../../../../frontend/catalogue/step-kinds.ts'
import { stepFields } from '../../../../frontend/components/inspector/step-fields.ts'
import { namedUuid } from '../../../support/events.ts'
import { FakeReplica, type FakePipeline } from '../../../support/fake-replica.ts'

const STEP = namedUuid('step') as StepId
const kind = stepKind('http')
const own = Object.keys(kind.defaults)

describe('the form of a step', () => {
  let pipeline: FakePipeline
  const keys = () => stepFields(pipeline.state.steps.get(STEP)!, kind).map(({ key }) => key)
  const clear = (key: string): Command => ({ type: 'ClearStepConfig', stepId: STEP, key })

  beforeEach(async () => {
    const replica = new FakeReplica()
    pipeline = replica.open(await replica.create('Order intake', namedUuid('team') as TeamId))
    const config = { zone: 'eu', headers: { accept: 'json' }, url: 'https://a.example' }
    const placement = { x: 0, y: 0 }
    await pipeline.execute([
      { type: 'AddStep', stepId: STEP, kind: 'http', name: 'Fetch', placement, config },
    ])
  })

  it('has the kind’s own keys in their order, then the others by name', () => {
    expect(own).to.include('url')
    expect(keys()).to.deep.equal([...own, 'headers', 'zone'])
  })

  it('shows the kind’s default where a key of its own is not set', () => {
    const [unset] = stepFields(pipeline.state.steps.get(STEP)!, kind).filter(
      ({ key }) => key === 'method',
    )
    expect(unset).to.deep.include({ field: 'config.method', label: 'Method', placeholder: 'GET' })
  })

  it('drops a key that was cleared, but not one of the kind’s own', async () => {
    await pipeline.execute([clear('zone'), clear('url')])
    expect(keys()).to.deep.equal([...own, 'headers'])
  })

  it('keeps a cleared key while somebody else’s value stands against it', async () => {
    const bruno = pipeline.otherDevice(namedUuid('bruno'), 'brunodevice0')
    bruno.execute([{ type: 'ConfigureStep', stepId: STEP, key: 'zone', value: 'us' }], 1)
    await pipeline.execute([clear('zone')])
    bruno.send()
    expect(keys()).to.include('zone')
  })
})
