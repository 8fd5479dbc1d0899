import { expect } from 'chai'
import { nextTick } from 'vue'
import type { StepId, TeamId } from '../../../domain/ids.ts'
import type { JsonValue } from '../../../domain/json.ts'
import { readText, textOfValue } from '../../../frontend/components/inspector/field-input.ts'
import { useFieldDraft } from '../../../frontend/composables/use-field-draft.ts'
import { useDevice } from '../../../frontend/stores/device.ts'
import { useDrafts } from '../../../frontend/stores/drafts.ts'
import { useEditor } from '../../../frontend/stores/editor.ts'
import { namedUuid } from '../../support/events.ts'
import { mountSetup } from '../../support/mount-setup.ts'
import type { FakePipeline } from '../../support/fake-replica.ts'
import { ADA, BRUNO, startTestApp } from '../../support/test-app.ts'

const STEP = namedUuid('step') as StepId
const FIELD = 'config.timeout'
const KEY = `${STEP}/${FIELD}`

describe('the draft of a field', () => {
  let pipeline: FakePipeline
  let editor: ReturnType<typeof useEditor>
  let refuse: boolean
  let draft: ReturnType<typeof useFieldDraft>
  let leave: () => void

  const stored = () => editor.stepsById.get(STEP)?.config['timeout']
  const bruno = (value: JsonValue) =>
    pipeline
      .otherDevice(BRUNO.user.id, 'brunodevice0')
      .execute([{ type: 'ConfigureStep', stepId: STEP, key: 'timeout', value }])
      .send()

  beforeEach(async () => {
    const app = startTestApp()
    await useDevice().start(ADA.user.id)
    const replica = app.replicas.get(ADA.user.id)!
    pipeline = replica.open(await replica.create('Order intake', ADA.teams[0]!.id as TeamId))
    editor = useEditor()
    editor.show(pipeline.id)
    const step = { stepId: STEP, kind: 'http', name: 'Fetch', config: { timeout: 30 } }
    await editor.run({ type: 'AddStep', placement: { x: 0, y: 0 }, ...step })
    refuse = false
    ;({ draft, leave } = open())
  })

  /** The field's part of a form, until it is left. */
  function open() {
    let opened!: ReturnType<typeof useFieldDraft>
    const unmount = mountSetup(() => {
      opened = useFieldDraft({
        key: KEY,
        register: () => editor.register({ kind: 'step', id: STEP }, FIELD),
        toText: (value) => textOfValue('number', value),
        fromText: (text) => readText('number', text),
        write: async (value) =>
          !refuse &&
          editor.run({ type: 'ConfigureStep', stepId: STEP, key: 'timeout', value: value ?? null }),
      })
    })
    return { draft: opened, leave: unmount }
  }

  it('shows what stands there until somebody types', () => {
    expect(draft.text.value).to.equal('30')
    bruno(45)
    expect(draft.text.value).to.equal('45')
    expect(draft.isOpen.value).to.equal(false)
  })

  it('is written on leaving the field', async () => {
    draft.input('60')
    expect(stored()).to.equal(30)
    await draft.commit()
    expect([stored(), draft.isOpen.value]).to.deep.equal([60, false])
  })

  it('is written when the form goes without a blur', async () => {
    draft.input('60')
    leave()
    await nextTick()
    expect(stored()).to.equal(60)
  })

  it('writes no event for what did not change', async () => {
    const events = pipeline.events.length
    draft.input('30')
    await draft.commit()
    expect([pipeline.events.length, draft.isOpen.value]).to.deep.equal([events, false])
  })

  it('waits for a choice where somebody else wrote meanwhile', async () => {
    draft.input('60')
    bruno(45)
    expect(draft.theirs.value?.value).to.equal(45)
    await draft.commit()
    expect([stored(), draft.text.value]).to.deep.equal([45, '60'])
    await draft.keepMine()
    expect([stored(), draft.theirs.value, editor.conflicts]).to.deep.equal([60, null, []])
  })

  it('takes theirs', async () => {
    draft.input('60')
    bruno(45)
    draft.discard()
    expect([stored(), draft.text.value, draft.theirs.value]).to.deep.equal([45, '45', null])
  })

  it('still waits for the choice when the person comes back to the step', async () => {
    draft.input('60')
    bruno(45)
    leave()
    await nextTick()
    expect(stored()).to.equal(45)
    const again = open()
    expect([again.draft.text.value, again.draft.theirs.value?.value]).to.deep.equal(['60', 45])
  })

  it('is kept with its error while it cannot be read', async () => {
    draft.input('a while')
    await draft.commit()
    expect(draft.error.value).to.equal('This is not a number.')
    expect([stored(), useDrafts().any]).to.deep.equal([30, true])
  })

  it('stays in the field when the write is refused', async () => {
    refuse = true
    draft.input('60')
    await draft.commit()
    expect([stored(), draft.text.value]).to.deep.equal([30, '60'])
  })
})
