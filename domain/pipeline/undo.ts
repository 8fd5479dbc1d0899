/**
 * Undo and redo of one person's gestures (never of somebody else's).
 *
 * A gesture is remembered as what stood before it. Undoing it writes that back, but only where the
 * person's own value still stands alone: what somebody else has written, removed or built on since
 * stays, and is named as left alone. The parts of a gesture are undone last to first, each on what
 * the ones before it leave. The events of an undo are a gesture like any other, so redo is the undo
 * of the undo.
 */
import { includes, type VersionVector } from '../clock/version-vector.ts'
import { readChange, type PipelineEvent, type Stamp } from '../events/event.ts'
import type { ConnectionEnds, PipelineChange } from '../events/pipeline-events.ts'
import type { ActorId, EventId, IntentId, ReplicaId } from '../ids.ts'
import { sameJson, type JsonValue } from '../json.ts'
import { effectiveGraph } from './effective-graph.ts'
import { effectOf, type FieldName, type ThingKind, type ThingRef } from './effects.ts'
import { evolve } from './evolve.ts'
import { shownValue } from './register.ts'
import { stampChanges } from './stamp.ts'
import {
  exists,
  forkState,
  thingsOf,
  vectorOf,
  type Existence,
  type PipelineState,
  type Thing,
} from './state.ts'
import { changeThatWrites, existenceChange, unsetValue } from './writing.ts'

type UndoStep =
  | { readonly did: 'add' | 'remove'; readonly thing: ThingRef; readonly ends?: ConnectionEnds }
  | {
      readonly did: 'write'
      readonly thing: ThingRef
      readonly field: FieldName
      readonly before: JsonValue | undefined
      readonly after: JsonValue | undefined
    }

/** What one gesture did, in the order it did it. */
export interface Gesture {
  readonly intentId: string
  /** Everything that the person had seen by the end of it: what others did beyond is since then. */
  readonly saw: VersionVector
  readonly steps: readonly UndoStep[]
}

/** Something that an undo did not touch, because somebody else changed it since. */
export interface LeftAlone {
  readonly thing: ThingRef
  readonly field?: FieldName
}

export interface Undo {
  readonly changes: readonly PipelineChange[]
  readonly leftAlone: readonly LeftAlone[]
}

/** What a gesture's events did, given the state before them; does not touch that state. */
export function gestureOf(before: PipelineState, events: readonly PipelineEvent[]): Gesture {
  const fork = forkState(before)
  const steps: UndoStep[] = []
  for (const event of events) {
    const change = readChange(event)
    if (change) steps.push(...stepsOf(fork, change))
    evolve(fork, event)
  }
  return { intentId: events[0]?.intentId ?? '', saw: events.at(-1)?.clock ?? {}, steps }
}

function stepsOf(state: PipelineState, change: PipelineChange): UndoStep[] {
  const effect = effectOf(change)
  if (!effect || change.type === 'PipelineCreated') return []
  const { thing, existence, writes, ends } = effect
  if (existence) {
    const was = find(state, thing)
    const there = was !== undefined && exists(was)
    if (there === (existence === 'add')) return []
    return [ends ? { did: existence, thing, ends } : { did: existence, thing }]
  }
  const fields = (find(state, thing) as Thing | undefined)?.fields
  return writes.map(([field, after]) => {
    return { did: 'write', thing, field, before: fields?.shown(field), after }
  })
}

/** The changes that undo a gesture of this person in today's state, and what they leave alone. */
export function undoGesture(state: PipelineState, gesture: Gesture, actorId: ActorId): Undo {
  const trial = forkState(state)
  const changes: PipelineChange[] = []
  const leftAlone: LeftAlone[] = []
  for (const step of [...gesture.steps].reverse()) {
    const { thing } = step
    const change =
      step.did === 'write'
        ? unwrite(trial, step, actorId)
        : undo(trial, step, since(gesture.saw, actorId))
    if (change === 'left-alone') {
      leftAlone.push(step.did === 'write' ? { thing, field: step.field } : { thing })
    } else if (change) {
      changes.push(change)
      tryOut(trial, change, actorId)
    }
  }
  return { changes, leftAlone }
}

type Outcome = PipelineChange | 'left-alone' | null

function unwrite(
  state: PipelineState,
  { thing, field, before, after }: Extract<UndoStep, { did: 'write' }>,
  actorId: ActorId,
): Outcome {
  const now = find(state, thing) as Thing | undefined
  const register = now?.fields.get(field)
  if (!now || !register || (thing.kind !== 'pipeline' && !exists(now))) return 'left-alone'
  // Another's write that is held too is a conflict: undoing would settle it without a word.
  const isOurs = register.every(({ stamp }) => stamp.actorId === actorId)
  if (!isOurs || !sameJson(shownValue(register), after)) return 'left-alone'
  const kind = thing.kind as ThingKind
  const value = before === undefined ? unsetValue(kind, field) : before
  return changeThatWrites(kind, thing.id, field, value)
}

/** Whether something was done by somebody else, after what this gesture had seen. */
type IsSince = (stamp: Stamp) => boolean

function since(saw: VersionVector, actorId: ActorId): IsSince {
  return (stamp) => stamp.actorId !== actorId && !includes(saw, stamp)
}

function undo(
  state: PipelineState,
  { did, thing, ends }: Extract<UndoStep, { did: 'add' | 'remove' }>,
  isSince: IsSince,
): Outcome {
  const now = find(state, thing)
  const there = now !== undefined && exists(now)
  if (!now || there !== (did === 'add')) return null
  const isTouched =
    did === 'add'
      ? isBuiltOn(now, isSince) || (thing.kind === 'step' && isUsed(thing.id, state, isSince))
      : now.removal !== null && isSince(now.removal)
  if (isTouched) return 'left-alone'
  if (ends && did === 'add') return { type: 'StepsDisconnected', payload: ends }
  if (ends) return suspendsAnother(ends, state) ? 'left-alone' : connected(ends)
  const kind = thing.kind as 'step' | 'note' | 'comment'
  return existenceChange(kind, thing.id, did === 'add' ? 'remove' : 'restore')
}

const connected = (payload: ConnectionEnds): PipelineChange => ({ type: 'StepsConnected', payload })

/** Whether a connection that is brought back, and takes its old turn, suspends one that is active. */
function suspendsAnother(ends: ConnectionEnds, state: PipelineState): boolean {
  const trial = forkState(state)
  tryOut(trial, connected(ends), '' as ActorId)
  const after = effectiveGraph(trial).connections
  return [...effectiveGraph(state).connections.values()].some(
    ({ key, status }) => status === 'active' && after.get(key)?.status !== 'active',
  )
}

function isBuiltOn(thing: Existence | Thing, isSince: IsSince): boolean {
  if (thing.adds.some(isSince)) return true
  const registers = 'fields' in thing ? [...thing.fields.values()] : []
  return registers.some((register) => register.some(({ stamp }) => isSince(stamp)))
}

/** Whether somebody has connected a step, or commented on it. */
function isUsed(stepId: string, state: PipelineState, isSince: IsSince): boolean {
  const isOthers = (thing: Existence) => exists(thing) && thing.adds.some(isSince)
  for (const connection of state.connections.values()) {
    const { from, to } = connection.ends
    if ((from.stepId === stepId || to.stepId === stepId) && isOthers(connection)) return true
  }
  for (const comment of state.comments.values()) {
    if (comment.fields.shown('stepId') === stepId && isOthers(comment)) return true
  }
  return false
}

/** The replica of the events of a trial, which nobody else ever sees. */
const TRIAL = 'trial0000000' as ReplicaId

function tryOut(trial: PipelineState, change: PipelineChange, actorId: ActorId): void {
  const { id: pipelineId, greatestHlc } = trial
  const seen = { pipelineId, vector: vectorOf(trial), greatestHlc }
  const newEventId = () => '' as EventId
  const author = { actorId, replicaId: TRIAL, intentId: '' as IntentId, now: 0, newEventId }
  for (const event of stampChanges([change], seen, author)) evolve(trial, event)
}

function find(state: PipelineState, { kind, id }: ThingRef) {
  if (kind === 'pipeline') return state.pipeline
  return kind === 'connection' ? state.connections.get(id) : thingsOf(state, kind).get(id)
}
