import { expect } from 'chai'
import type { StepId, TeamId } from '../../../../domain/ids.ts'
import type { JsonValue } from '../../../../domain/json.ts'
import type { Register } from '../../../../domain/pipeline/register.ts'
import {
  beginDraft,
  commitDraft,
  meetWrites,
} from '../../../../frontend/components/inspector/field-draft.ts'
import { namedUuid } from '../../../support/events.ts'
import { FakeReplica, type FakePipeline } from '../../../support/fake-replica.ts'

const STEP = namedUuid('step') as StepId
const BRUNO = namedUuid('bruno')

describe('a field that somebody is typing in', () => {
  let pipeline: FakePipeline

  const register = (): Register => pipeline.state.steps.get(STEP)!.fields.get('config.timeout')!
  const set = (value: JsonValue) =>
    ({ type: 'ConfigureStep', stepId: STEP, key: 'timeout', value }) as const
  const bruno = () => pipeline.otherDevice(BRUNO, 'brunodevice0')

  beforeEach(async () => {
    const replica = new FakeReplica()
    pipeline = replica.open(await replica.create('Order intake', namedUuid('team') as TeamId))
    const placement = { x: 0, y: 0 }
    const step = { stepId: STEP, kind: 'http', name: 'Fetch', placement, config: { timeout: 30 } }
    await pipeline.execute([{ type: 'AddStep', ...step }])
  })

  it('is written when nobody else wrote', () => {
    const draft = meetWrites(beginDraft(register(), '60'), register())
    expect(draft.theirs).to.equal(null)
    expect(commitDraft(draft, 60)).to.deep.equal({ outcome: 'write', value: 60 })
  })

  it('writes nothing where it says what stands there', () => {
    expect(commitDraft(beginDraft(register(), '30'), 30)).to.deep.equal({ outcome: 'unchanged' })
  })

  it('has to be chosen once a different value arrives', () => {
    const begun = beginDraft(register(), '60')
    bruno()
      .execute([set(45)])
      .send()
    const draft = meetWrites(begun, register())
    expect(draft.theirs?.value).to.equal(45)
    expect(draft.theirs?.stamp.actorId).to.equal(BRUNO)
    expect(commitDraft(draft, 60)).to.include({ outcome: 'choose' })
  })

  it('has to be chosen also when the arriving write is not the one on show', async () => {
    const device = bruno()
    device.execute([set(45)], 1)
    await pipeline.execute([set(31)])
    const begun = beginDraft(register(), '60')
    device.send()
    expect(register().map(({ value }) => value)).to.deep.equal([31, 45])
    expect(meetWrites(begun, register()).theirs?.value).to.equal(45)
  })

  it('needs no choice where the other wrote the same', () => {
    const begun = beginDraft(register(), '45')
    bruno()
      .execute([set(45)])
      .send()
    expect(commitDraft(meetWrites(begun, register()), 45)).to.deep.equal({
      outcome: 'write',
      value: 45,
    })
  })

  it('needs no choice where the other wrote what stood there before', () => {
    const begun = beginDraft(register(), '60')
    bruno()
      .execute([set(45)])
      .execute([set(30)])
      .send()
    expect(meetWrites(begun, register()).theirs).to.equal(null)
  })

  it('follows the newest of several writes', () => {
    const begun = beginDraft(register(), '60')
    const device = bruno()
    device.execute([set(45)]).send()
    const met = meetWrites(begun, register())
    device.execute([set(50)]).send()
    expect(meetWrites(met, register()).theirs?.value).to.equal(50)
  })

  it('is asked about a field that was cleared, and about one that was never set', () => {
    const begun = beginDraft(register(), '60')
    bruno()
      .execute([{ type: 'ClearStepConfig', stepId: STEP, key: 'timeout' }])
      .send()
    const draft = meetWrites(begun, register())
    expect(draft.theirs).to.include({ stamp: register()[0]!.stamp }).and.not.have.property('value')
    expect(meetWrites(beginDraft(undefined, 'x'), undefined).theirs).to.equal(null)
    expect(meetWrites(beginDraft([], 'x'), register()).theirs).to.equal(null)
  })

  it('keeps its identity while nothing arrives', () => {
    const draft = beginDraft(register(), '60')
    expect(meetWrites(draft, register())).to.equal(draft)
    bruno()
      .execute([set(45)])
      .send()
    const met = meetWrites(draft, register())
    expect(meetWrites(met, register())).to.equal(met)
  })
})
