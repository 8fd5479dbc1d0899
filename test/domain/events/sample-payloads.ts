/** For every event type the payloads that its schema must take: the least and the fullest. */
import type {
  PipelineEventPayload,
  PipelineEventType,
} from '../../../domain/events/pipeline-events.ts'
import type {
  CommentId,
  NoteId,
  ReplicaId,
  StepId,
  TeamId,
  VersionId,
} from '../../../domain/ids.ts'
import { limits } from '../../../domain/limits.ts'
import { namedUuid } from '../../support/events.ts'

const stepId = namedUuid('step') as StepId
const noteId = namedUuid('note') as NoteId
const commentId = namedUuid('comment') as CommentId
const versionId = namedUuid('version') as VersionId
const teamId = namedUuid('team') as TeamId
const placement = { x: -12.5, y: 1e9 }
const size = { width: 1, height: 1e9 }
const longLine = 'l'.repeat(limits.lineCharacters)
const longText = '😀'.repeat(limits.textCharacters / 2)
const ends = {
  from: { stepId, port: 'out0' },
  to: { stepId: namedUuid('other step') as StepId, port: longLine },
}
const anyJson = { list: [1, null, 'x', { deep: true }], 'ключ 🔑': -0.25, '': '' }

type Samples = {
  readonly [T in PipelineEventType]: readonly [
    PipelineEventPayload<T>,
    ...(readonly PipelineEventPayload<T>[]),
  ]
}

export const samplePayloads: Samples = {
  PipelineCreated: [
    { name: 'Orders', teamId },
    { name: longLine, teamId, description: longText, graphRule: 'free', foreign: anyJson },
  ],
  PipelineRenamed: [{ name: longLine }],
  PipelineDescribed: [{ description: '' }, { description: longText }],
  PipelineGraphRuleSet: [{ graphRule: 'free' }, { graphRule: 'acyclic' }],
  PipelineArchived: [{}],
  PipelineUnarchived: [{}],
  StepAdded: [
    { stepId, kind: 'http', name: '', placement, config: {} },
    {
      stepId,
      kind: longLine,
      name: longLine,
      placement,
      config: anyConfig(),
      enabled: false,
      foreign: null,
    },
  ],
  StepMoved: [{ stepId, placement }],
  StepRenamed: [{ stepId, name: 'Fetch orders' }],
  StepConfigured: [
    { stepId, key: 'timeout', value: null },
    { stepId, key: longLine, value: anyJson },
  ],
  StepConfigCleared: [{ stepId, key: 'timeout' }],
  StepEnabled: [{ stepId }],
  StepDisabled: [{ stepId }],
  StepRemoved: [{ stepId }],
  StepRestored: [{ stepId }],
  StepsConnected: [ends],
  StepsDisconnected: [ends],
  NoteAdded: [
    { noteId, text: '', placement, size },
    { noteId, text: longText, placement, size, foreign: [anyJson] },
  ],
  NoteEdited: [{ noteId, text: longText }],
  NoteMoved: [{ noteId, placement }],
  NoteResized: [{ noteId, size }],
  NoteRemoved: [{ noteId }],
  NoteRestored: [{ noteId }],
  CommentAdded: [
    { commentId, body: 'Why 30 s?' },
    { commentId, body: longText, stepId, replyTo: namedUuid('first comment') as CommentId },
  ],
  CommentEdited: [{ commentId, body: longText }],
  CommentResolved: [{ commentId }],
  CommentReopened: [{ commentId }],
  CommentRemoved: [{ commentId }],
  CommentRestored: [{ commentId }],
  VersionTagged: [
    { versionId, label: 'v1', cut: {} },
    { versionId, label: longLine, note: longText, cut: { ['replica00001' as ReplicaId]: 7 } },
  ],
}

function anyConfig() {
  return { url: 'https://example.org', anyJson, [longLine]: 0 }
}
