import { expect } from 'chai'
import { watch } from 'vue'
import type { StepId, TeamId } from '../../../domain/ids.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { useDevice } from '../../../frontend/stores/device.ts'
import { useEditor } from '../../../frontend/stores/editor.ts'
import { namedUuid } from '../../support/events.ts'
import type { FakePipeline, FakeReplica } from '../../support/fake-replica.ts'
import { ADA, BRUNO, startTestApp, type TestApp } from '../../support/test-app.ts'

const STEP = namedUuid('step') as StepId
const TEAM = ADA.teams[0]!.id as TeamId
const add: Command = {
  type: 'AddStep',
  stepId: STEP,
  kind: 'http',
  name: 'Fetch orders',
  placement: { x: 0, y: 0 },
  config: { timeout: 30 },
}
const set = (value: number): Command => ({
  type: 'ConfigureStep',
  stepId: STEP,
  key: 'timeout',
  value,
})

describe('the open pipeline', () => {
  let app: TestApp
  let replica: FakeReplica
  let pipeline: FakePipeline
  let editor: ReturnType<typeof useEditor>

  beforeEach(async () => {
    app = startTestApp()
    await useDevice().start(ADA.user.id)
    replica = app.replicas.get(ADA.user.id)!
    pipeline = replica.open(await replica.create('Order intake', TEAM))
    editor = useEditor()
    editor.show(pipeline.id)
    await editor.run(add)
  })

  it('is shown as its state stands', async () => {
    expect(editor.pipeline?.name).to.equal('Order intake')
    expect(editor.stepsById.get(STEP)?.config).to.deep.equal({ timeout: 30 })
    await editor.run(set(60))
    expect(editor.stepsById.get(STEP)?.config).to.deep.equal({ timeout: 60 })
    expect(editor.register({ kind: 'step', id: STEP }, 'config.timeout')?.[0]?.value).to.equal(60)
    expect(editor.register({ kind: 'pipeline', id: '' }, 'name')?.[0]?.value).to.equal(
      'Order intake',
    )
    expect(editor.register({ kind: 'step', id: 'no' }, 'name')).to.equal(undefined)
  })

  it('follows what others do, and tells only who looks at what changed', async () => {
    let connectionsSeen = 0
    let stepsSeen = 0
    watch(
      () => editor.connections,
      () => connectionsSeen++,
      { flush: 'sync' },
    )
    watch(
      () => editor.steps,
      () => stepsSeen++,
      { flush: 'sync' },
    )
    pipeline
      .otherDevice(BRUNO.user.id, 'brunodevice0')
      .execute([set(45)])
      .send()
    expect(editor.stepsById.get(STEP)?.config).to.deep.equal({ timeout: 45 })
    expect([connectionsSeen, stepsSeen]).to.deep.equal([0, 1])
  })

  it('says why a gesture was refused', async () => {
    const removed: Command = { type: 'RenameStep', stepId: namedUuid('no') as StepId, name: 'X' }
    expect(await editor.run(removed)).to.equal(false)
    expect(app.notices.map(({ tone, text }) => [tone, text])).to.deep.equal([
      ['warn', 'This is not here any more: somebody removed it.'],
    ])
  })

  it('does not bother anybody about a gesture that changes nothing', async () => {
    expect(await editor.run(set(30))).to.equal(true)
    expect(app.notices).to.deep.equal([])
  })

  it('counts the conflicts of a step', async () => {
    const bruno = pipeline.otherDevice(BRUNO.user.id, 'brunodevice0').execute([set(45)])
    await editor.run(set(60))
    bruno.send()
    expect(editor.conflicts).to.have.length(1)
    expect(editor.countsByStep.get(STEP)).to.equal(1)
    await editor.run({
      type: 'ChooseValue',
      thing: { kind: 'step', id: STEP },
      field: 'config.timeout',
      value: 60,
    })
    expect(editor.conflicts).to.deep.equal([])
  })

  it('undoes the person’s own gestures, and says what it left alone', async () => {
    await editor.run(set(60))
    expect([editor.canUndo, editor.canRedo]).to.deep.equal([true, false])
    await editor.undo()
    expect(editor.stepsById.get(STEP)?.config).to.deep.equal({ timeout: 30 })
    expect([editor.canRedo, app.notices]).to.deep.equal([true, []])
    await editor.redo()
    pipeline
      .otherDevice(BRUNO.user.id, 'brunodevice0')
      .execute([set(45)])
      .send()
    await editor.undo()
    expect(app.notices).to.deep.equal([
      {
        tone: 'warn',
        text: 'Not all undone',
        detail: 'Somebody else changed Timeout of Fetch orders since, so it stays.',
      },
    ])
  })

  it('is read-only for a viewer, in the archive, and without access', async () => {
    expect(editor.readOnly).to.equal(null)
    pipeline.set({ role: 'viewer' })
    expect(editor.readOnly?.code).to.equal('viewer')
    pipeline.set({ role: 'owner', status: 'revoked' })
    expect(editor.readOnly?.code).to.equal('revoked')
    pipeline.set({ status: 'ready' })
    await editor.run({ type: 'ArchivePipeline' })
    expect(editor.readOnly).to.include({ code: 'archived', action: 'unarchive' })
    await editor.run({ type: 'UnarchivePipeline' })
    expect(editor.readOnly).to.equal(null)
  })

  it('marks what the server does not have yet', async () => {
    expect([...editor.pending]).to.deep.equal([])
    replica.setStatus({ connection: 'offline' })
    await editor.run(set(60))
    expect([...editor.pending]).to.deep.equal([STEP])
    replica.setStatus({ connection: 'connected' })
    expect([...editor.pending]).to.deep.equal([])
  })

  it('shows the next one when another is opened, and nothing of the last', async () => {
    const other = await replica.create('Another', TEAM)
    editor.show(other)
    expect([editor.pipeline?.name, editor.steps]).to.deep.equal(['Another', []])
    await pipeline.execute([set(99)])
    expect(editor.steps).to.deep.equal([])
    editor.leave()
    expect([editor.id, editor.pipeline, editor.status]).to.deep.equal([null, null, 'loading'])
  })

  it('says that a pipeline is not there', () => {
    editor.show(namedUuid('nowhere') as typeof pipeline.id)
    expect(editor.status).to.equal('not-found')
    replica.setStatus({ connection: 'offline' })
    editor.show(namedUuid('nowhere') as typeof pipeline.id)
    expect(editor.status).to.equal('not-on-device')
  })
})
