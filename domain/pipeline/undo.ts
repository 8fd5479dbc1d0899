/**
 * Undo and redo of one person's gestures (never of somebody else's).
 *
 * A gesture is remembered as what stood before it. Undoing it writes that back, but only where the
 * person's own value still stands: what somebody else wrote last stays, and is named as left alone.
 * The events of an undo are a gesture like any other, so redo is the undo of the undo.
 */
import { readChange, type PipelineEvent } from '../events/event.ts'
import type { PipelineChange } from '../events/pipeline-events.ts'
import type { ActorId } from '../ids.ts'
import { sameJson, type JsonValue } from '../json.ts'
import { effectOf, type FieldName, type ThingKind, type ThingRef } from './effects.ts'
import { evolve } from './evolve.ts'
import { shownValue } from './register.ts'
import { exists, forkState, thingsOf, type PipelineState, type Thing } from './state.ts'
import { changeThatWrites, existenceChange } from './writing.ts'
import type { ConnectionEnds } from '../events/pipeline-events.ts'

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
  return { intentId: events[0]?.intentId ?? '', steps }
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
    return { did: 'write', thing, field, before: shownValue(fields?.get(field)), after }
  })
}

/** The changes that undo a gesture of this person in today's state, and what they leave alone. */
export function undoGesture(state: PipelineState, gesture: Gesture, actorId: ActorId): Undo {
  const changes: PipelineChange[] = []
  const leftAlone: LeftAlone[] = []
  for (const step of [...gesture.steps].reverse()) {
    const change = step.did === 'write' ? unwrite(state, step, actorId) : undo(state, step, actorId)
    if (change === 'left-alone') {
      leftAlone.push(step.did === 'write' ? { thing: step.thing, field: step.field } : step)
    } else if (change) changes.push(change)
  }
  return { changes, leftAlone }
}

type Outcome = PipelineChange | 'left-alone' | null

function unwrite(
  state: PipelineState,
  { thing, field, before, after }: Extract<UndoStep, { did: 'write' }>,
  actorId: ActorId,
): Outcome {
  const shown = (find(state, thing) as Thing | undefined)?.fields.get(field)?.[0]
  if (shown?.stamp.actorId !== actorId || !sameJson(shown.value, after)) return 'left-alone'
  const value = before === undefined && field === 'archived' ? false : before
  return changeThatWrites(thing.kind as ThingKind, thing.id, field, value)
}

function undo(
  state: PipelineState,
  { did, thing, ends }: Extract<UndoStep, { did: 'add' | 'remove' }>,
  actorId: ActorId,
): Outcome {
  const now = find(state, thing)
  const there = now !== undefined && exists(now)
  if (there !== (did === 'add')) return there || did === 'add' ? null : 'left-alone'
  if (did === 'add' && now && touchedByOthers(now, actorId)) return 'left-alone'
  if (ends) return { type: did === 'add' ? 'StepsDisconnected' : 'StepsConnected', payload: ends }
  const kind = thing.kind as 'step' | 'note' | 'comment'
  return existenceChange(kind, thing.id, did === 'add' ? 'remove' : 'restore')
}

type Findable = NonNullable<ReturnType<typeof find>>

function touchedByOthers(thing: Findable, actorId: ActorId): boolean {
  if (thing.adds.some((add) => add.actorId !== actorId)) return true
  if (!('fields' in thing)) return false
  return [...thing.fields.values()].some((register) =>
    register.some((write) => write.stamp.actorId !== actorId),
  )
}

function find(state: PipelineState, { kind, id }: ThingRef) {
  if (kind === 'pipeline') return state.pipeline
  return kind === 'connection' ? state.connections.get(id) : thingsOf(state, kind).get(id)
}
