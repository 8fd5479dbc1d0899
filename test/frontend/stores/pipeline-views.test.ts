import { expect } from 'chai'
import fc from 'fast-check'
import type { StepId, TeamId } from '../../../domain/ids.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { createPipelineViews } from '../../../frontend/stores/pipeline-views.ts'
import { namedUuid } from '../../support/events.ts'
import { FakeReplica, type FakePipeline } from '../../support/fake-replica.ts'

const NAMES = ['A', 'B', 'C', 'D'] as const
const stepId = (name: string) => namedUuid('step', name) as StepId
const add = (name: string): Command => ({
  type: 'AddStep',
  stepId: stepId(name),
  kind: 'http',
  name,
  placement: { x: 0, y: 0 },
  config: { timeout: 30 },
})
const connect = (from: string, to: string): Command => ({
  type: 'Connect',
  from: { stepId: stepId(from), port: 'out' },
  to: { stepId: stepId(to), port: 'in' },
})
const set = (name: string, value: number): Command => ({
  type: 'ConfigureStep',
  stepId: stepId(name),
  key: 'timeout',
  value,
})

describe('the views of a pipeline', () => {
  let pipeline: FakePipeline
  let viewsOf: ReturnType<typeof createPipelineViews>
  const views = () => viewsOf(pipeline.state)

  beforeEach(async () => {
    const replica = new FakeReplica()
    pipeline = replica.open(await replica.create('Order intake', namedUuid('team') as TeamId))
    await pipeline.execute([...NAMES.map(add), connect('A', 'B'), connect('B', 'C')])
    viewsOf = createPipelineViews()
  })

  it('are the same objects while nothing happens', () => {
    const before = views()
    const after = views()
    for (const key of [
      'pipeline',
      'steps',
      'connections',
      'notes',
      'comments',
      'conflicts',
    ] as const) {
      expect(after[key], key).to.equal(before[key])
    }
  })

  it('replace the step that an edit touched, and no other', async () => {
    const before = views()
    await pipeline.execute([set('B', 60)])
    const after = views()
    const kept = NAMES.filter((_, index) => after.steps[index] === before.steps[index])
    expect(kept).to.deep.equal(['A', 'C', 'D'])
    expect(after.steps[1]?.config).to.deep.equal({ timeout: 60 })
    expect(after.connections).to.equal(before.connections)
    expect(after.pipeline).to.equal(before.pipeline)
  })

  it('keep the connections that a change of the graph leaves as they are', async () => {
    const before = views()
    await pipeline.execute([connect('C', 'D')])
    const after = views()
    expect(after.connections).to.have.length(3)
    expect(before.connections.every((view) => after.connections.includes(view))).to.equal(true)
    expect(after.steps).to.equal(before.steps)
  })

  it('replace a connection that is suspended now', async () => {
    const bruno = pipeline.otherDevice(namedUuid('bruno'), 'brunodevice0')
    bruno.execute([connect('C', 'D')], 1)
    await pipeline.execute([connect('D', 'A')])
    const before = views()
    bruno.send()
    const suspended = views().connections.filter(({ status }) => status === 'suspended')
    expect(suspended).to.have.length(1)
    expect(before.connections).to.not.include(suspended[0])
    expect(views().conflicts).to.have.length(1)
  })

  it('let a step go and come back', async () => {
    await pipeline.execute([{ type: 'Remove', items: [{ stepId: stepId('B') }] }])
    expect(views().steps.map(({ name }) => name)).to.deep.equal(['A', 'C', 'D'])
    expect(views().connections.map(({ status }) => status)).to.deep.equal(['dangling', 'dangling'])
    await pipeline.execute([{ type: 'Restore', item: { stepId: stepId('B') } }])
    expect(views().steps).to.have.length(4)
  })

  it('show what the domain’s own view shows, after any gestures', async () => {
    const name = fc.constantFrom(...NAMES)
    const gesture = fc.oneof(
      fc.tuple(name, fc.integer()).map(([step, value]) => set(step, value)),
      fc.tuple(name, name).map(([from, to]) => connect(from, to)),
      name.map((step): Command => ({ type: 'Remove', items: [{ stepId: stepId(step) }] })),
      name.map((step): Command => ({ type: 'Restore', item: { stepId: stepId(step) } })),
      name.map((step): Command => ({ type: 'RenamePipeline', name: step })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(gesture, { maxLength: 12 }), async (gestures) => {
        for (const command of gestures) {
          await pipeline.execute([command])
          const { steps, ...shown } = views()
          const whole = viewOf(pipeline.state)
          expect(whole).to.deep.include(shown)
          expect(steps).to.have.deep.members([...whole.steps])
        }
      }),
      { numRuns: 40 },
    )
  })
})
