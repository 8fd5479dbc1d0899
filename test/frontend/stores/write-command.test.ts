import { expect } from 'chai'
import type { NoteId, StepId, TeamId } from '../../../domain/ids.ts'
import type { JsonValue } from '../../../domain/json.ts'
import { shownValue } from '../../../domain/pipeline/register.ts'
import { thingsOf } from '../../../domain/pipeline/state.ts'
import { writeCommand, type EditedThing } from '../../../frontend/stores/write-command.ts'
import { namedUuid } from '../../support/events.ts'
import { FakeReplica } from '../../support/fake-replica.ts'

const STEP = { kind: 'step', id: namedUuid('step') } as const
const NOTE = { kind: 'note', id: namedUuid('note') } as const
const PIPELINE = { kind: 'pipeline', id: '' } as const

describe('the command that writes a field', () => {
  for (const [thing, field, value] of [
    [STEP, 'name', 'Score'],
    [STEP, 'enabled', false],
    [STEP, 'config.timeout', 60],
    [STEP, 'config.timeout', undefined],
    [STEP, 'config.headers', { a: [1] }],
    [NOTE, 'text', 'Look twice'],
    [PIPELINE, 'name', 'Orders'],
    [PIPELINE, 'description', 'What it is for'],
    [PIPELINE, 'graphRule', 'free'],
  ] as [EditedThing, string, JsonValue | undefined][]) {
    it(`writes ${JSON.stringify(value) ?? 'nothing'} to ${thing.kind} ${field}`, async () => {
      const replica = new FakeReplica()
      const pipeline = replica.open(
        await replica.create('Order intake', namedUuid('team') as TeamId),
      )
      const placement = { x: 0, y: 0 }
      const size = { width: 100, height: 100 }
      const config = { timeout: 30 }
      await pipeline.execute([
        { type: 'AddStep', stepId: STEP.id as StepId, kind: 'http', name: 'F', placement, config },
        { type: 'AddNote', noteId: NOTE.id as NoteId, text: '', placement, size },
      ])
      const { ok } = await pipeline.execute([writeCommand(thing, field, value)])
      expect(ok).to.equal(true)
      const { state } = pipeline
      const held =
        thing.kind === 'pipeline' ? state.pipeline : thingsOf(state, thing.kind).get(thing.id)
      expect(shownValue(held?.fields.get(field))).to.deep.equal(value)
    })
  }
})
