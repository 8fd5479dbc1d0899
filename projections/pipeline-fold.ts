/** What the read models of one pipeline are made of: its state, and what only the log knows. */
import type { PipelineEvent, StoredEvent } from '../domain/events/event.ts'
import { readChange } from '../domain/events/event.ts'
import type { ActorId, IntentId, PipelineId, Revision, TeamId } from '../domain/ids.ts'
import { evolve } from '../domain/pipeline/evolve.ts'
import { initialState, teamOf, type PipelineState } from '../domain/pipeline/state.ts'

/** One gesture, as the log took it. Replaced, never changed. */
export interface Gesture {
  readonly intentId: IntentId
  readonly actorId: ActorId
  /** The type of its first event. */
  readonly kind: string
  readonly events: number
  readonly firstRevision: Revision
  readonly lastRevision: Revision
  /** When the log took its first event, ISO 8601. */
  readonly at: string
}

export interface PipelineFold {
  readonly state: PipelineState
  /** 0 before the first event. */
  readonly revision: Revision
  /** When the log took the first and the last event, ISO 8601; empty before the first. */
  readonly createdAt: string
  readonly updatedAt: string
  readonly updatedBy: ActorId
  /** Version id -> its number, from 1 in the order of the log (rule M7). */
  readonly versionNumbers: Map<string, number>
  readonly gestures: Map<IntentId, Gesture>
}

/** A pipeline whose creation is known; others have no team, and so no rows. */
export interface CreatedPipeline extends PipelineFold {
  readonly teamId: TeamId
}

export function initialPipelineFold(id: PipelineId): PipelineFold {
  return {
    state: initialState(id),
    revision: 0 as Revision,
    createdAt: '',
    updatedAt: '',
    updatedBy: '' as ActorId,
    versionNumbers: new Map(),
    gestures: new Map(),
  }
}

/** Advances a fold by the next event of its stream, in place, and returns it. */
export function foldPipelineEvent(
  fold: PipelineFold,
  { event, revision, recordedAt }: StoredEvent<PipelineEvent>,
): PipelineFold {
  evolve(fold.state, event)
  countVersion(fold, event)
  countGesture(fold, event, revision, recordedAt)
  return Object.assign(fold, {
    revision,
    createdAt: fold.createdAt || recordedAt,
    updatedAt: recordedAt,
    updatedBy: event.actorId,
  })
}

/** The pipeline with its team; null where its creation is not known. */
export function createdPipeline(fold: PipelineFold): CreatedPipeline | null {
  const teamId = teamOf(fold.state)
  return teamId && { ...fold, teamId }
}

function countVersion({ versionNumbers }: PipelineFold, event: PipelineEvent): void {
  if (event.type !== 'VersionTagged') return
  const change = readChange(event)
  if (change?.type !== 'VersionTagged' || versionNumbers.has(change.payload.versionId)) return
  versionNumbers.set(change.payload.versionId, versionNumbers.size + 1)
}

function countGesture(
  { gestures }: PipelineFold,
  { intentId, actorId, type }: PipelineEvent,
  revision: Revision,
  recordedAt: string,
): void {
  const before = gestures.get(intentId)
  gestures.set(
    intentId,
    before
      ? { ...before, events: before.events + 1, lastRevision: revision }
      : {
          intentId,
          actorId,
          kind: type,
          events: 1,
          firstRevision: revision,
          lastRevision: revision,
          at: recordedAt,
        },
  )
}
