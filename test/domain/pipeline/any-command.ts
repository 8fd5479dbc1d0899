/** Any command about the small world of the random histories: sensible or not, about what is or is not. */
import fc from 'fast-check'
import type { Command } from '../../../domain/pipeline/commands.ts'
import type { CommentId, NoteId, StepId, VersionId } from '../../../domain/ids.ts'
import { namedUuid } from '../../support/events.ts'

const stepIds = fc.nat(5).map((n) => namedUuid('step', n) as StepId)
const noteIds = fc.nat(2).map((n) => namedUuid('note', n) as NoteId)
const commentIds = fc.nat(2).map((n) => namedUuid('comment', n) as CommentId)
const placements = fc.record({ x: fc.integer({ min: -9, max: 9 }), y: fc.constant(0) })
const size = { width: 10, height: 10 }
const texts = fc.constantFrom('', ' ', 'x', 'y', 'n0', 't0', 'b0', 'p0')
const values = fc.constantFrom(1, 2, 'x', null, { deep: [1] })
const keys = fc.constantFrom('k0', 'k1', '')
const ends = fc.record({
  from: fc.record({ stepId: stepIds, port: fc.constantFrom('out0', 'out1') }),
  to: fc.record({ stepId: stepIds, port: fc.constant('in0') }),
})
const canvasItems = fc.oneof(fc.record({ stepId: stepIds }), fc.record({ noteId: noteIds }))
const things = fc.oneof(
  stepIds.map((id) => ({ kind: 'step' as const, id })),
  noteIds.map((id) => ({ kind: 'note' as const, id })),
  commentIds.map((id) => ({ kind: 'comment' as const, id })),
)
const of = <T extends Command['type']>(
  type: T,
  rest: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<Command> =>
  fc.record(rest).map((fields) => ({ type, ...fields }) as unknown as Command)

export const anyConnect = ends.map((both) => ({ type: 'Connect' as const, ...both }))

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  of('RenamePipeline', { name: texts }),
  of('DescribePipeline', { description: texts }),
  of('SetGraphRule', { graphRule: fc.constantFrom('acyclic', 'free') }),
  of('ArchivePipeline'),
  of('UnarchivePipeline'),
  of('AddStep', {
    stepId: fc.oneof(
      stepIds,
      fc.nat(1_000).map((n) => namedUuid('new step', n)),
    ),
    kind: fc.constant('http'),
    name: texts,
    placement: placements,
    config: fc.dictionary(fc.constantFrom('k0', 'k1'), values),
  }),
  of('Move', {
    moves: fc.array(
      fc.tuple(canvasItems, placements).map(([item, placement]) => ({ ...item, placement })),
      { maxLength: 3 },
    ),
  }),
  of('RenameStep', { stepId: stepIds, name: texts }),
  of('ConfigureStep', { stepId: stepIds, key: keys, value: values }),
  of('ClearStepConfig', { stepId: stepIds, key: keys }),
  of('SetStepsEnabled', { stepIds: fc.array(stepIds, { maxLength: 2 }), enabled: fc.boolean() }),
  of('Remove', {
    items: fc.array(canvasItems, { maxLength: 2 }),
    connections: fc.array(ends, { maxLength: 1 }),
  }),
  of('Restore', { item: fc.oneof(canvasItems, fc.record({ commentId: commentIds })) }),
  anyConnect,
  ends.map((both): Command => ({ type: 'Disconnect', ...both })),
  of('AddNote', {
    noteId: noteIds,
    text: texts,
    placement: placements,
    size: fc.constant(size),
  }),
  of('EditNote', { noteId: noteIds, text: texts }),
  of('ResizeNote', { noteId: noteIds, size: fc.constantFrom(size, { width: 0, height: 1 }) }),
  of('AddComment', { commentId: commentIds, body: texts }),
  of('AddComment', { commentId: commentIds, body: texts, stepId: stepIds, replyTo: commentIds }),
  of('EditComment', { commentId: commentIds, body: texts }),
  of('ResolveComment', { commentId: commentIds, resolved: fc.boolean() }),
  of('RemoveComment', { commentId: commentIds }),
  of('TagVersion', {
    versionId: fc.nat(9).map((n) => namedUuid('version', n) as VersionId),
    label: texts,
  }),
  of('ChooseValue', {
    thing: fc.oneof(things, fc.constant({ kind: 'pipeline' as const, id: '' })),
    field: fc.constantFrom('name', 'config.k0', 'text', 'body', 'kind', 'archived', 'resolved'),
    value: fc.oneof(values, fc.constant(undefined), fc.boolean()),
  }),
  of('RemoveAgain', { thing: things }),
)
