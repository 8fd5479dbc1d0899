/**
 * The merge: one event after another, and always one state for one set of events (rules M1 to M7).
 *
 * Order-free by construction: a register keeps the writes that nobody has seen, additions and
 * removals are only ever gathered, and everything on show is computed from what is held. Causal
 * delivery is required and checked: an event is applied once all that it has seen is applied.
 */
import { laterHlc } from '../clock/hlc.ts'
import { mergeVectors, type VersionVector } from '../clock/version-vector.ts'
import { readChange, type PipelineEvent, type Stamp } from '../events/event.ts'
import type { PipelineChange } from '../events/pipeline-events.ts'
import type { ReplicaId } from '../ids.ts'
import { effectOf, type Effect } from './effects.ts'
import {
  emptyThing,
  NOWHERE,
  thingsOf,
  thingWith,
  type Existence,
  type PipelineState,
  type Thing,
} from './state.ts'
import { compareStamps } from './total-order.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Whether a state already includes an event; applying it again would change nothing. */
export function isApplied(state: PipelineState, event: PipelineEvent): boolean {
  return (state.replicas.get(event.replicaId)?.seq ?? 0) >= event.seq
}

/** Whether everything that an event has seen is in the state, so that it may be applied. */
export function isReady(state: PipelineState, event: PipelineEvent): boolean {
  const { clock } = event
  for (const replicaId in clock) {
    const known = state.replicas.get(replicaId as ReplicaId)?.seq ?? 0
    const seen = clock[replicaId as ReplicaId]!
    if (known < seen && (replicaId !== event.replicaId || known < seen - 1)) return false
  }
  return true
}

/**
 * Advances a state by one event, in place, and returns it. An event that is already in the state
 * changes nothing; one of an unknown type or a newer schema is counted and listed as unapplied.
 * @throws when something that the event has seen is not in the state: a bug of the caller
 */
export function evolve(state: PipelineState, event: PipelineEvent): PipelineState {
  if (isApplied(state, event)) return state
  if (!isReady(state, event)) throw new Error(`event ${event.id} was applied before its causes`)
  const draft = state as Mutable<PipelineState>
  const { hlc } = event
  const stamp = stampOf(event, state.replicas.get(event.replicaId))
  draft.replicas.set(stamp.replicaId, stamp)
  draft.greatestHlc = laterHlc(draft.greatestHlc, hlc)
  const change = readChange(event)
  if (!change) {
    const { id, type, schema } = event
    draft.unapplied = [...draft.unapplied, { id, type, schema }].sort((a, b) =>
      a.id < b.id ? -1 : 1,
    )
    return state
  }
  applyChange(draft, change, stamp, event.clock)
  return state
}

/** A state keeps thousands of stamps: those of one replica share the texts that they have in common. */
function stampOf({ replicaId, seq, hlc, actorId }: Stamp, last: Stamp | undefined): Stamp {
  if (last?.actorId !== actorId) return { replicaId, seq, hlc, actorId }
  return { replicaId: last.replicaId, seq, hlc, actorId: last.actorId }
}

/** Applies events one after the other. */
export function evolveAll(state: PipelineState, events: Iterable<PipelineEvent>): PipelineState {
  for (const event of events) evolve(state, event)
  return state
}

function applyChange(
  draft: Mutable<PipelineState>,
  change: PipelineChange,
  stamp: Stamp,
  clock: VersionVector,
): void {
  const effect = effectOf(change)
  if (!effect) {
    if (change.type === 'VersionTagged') tagVersion(draft, change.payload, stamp)
    return
  }
  const { kind, id } = effect.thing
  if (kind === 'connection') {
    applyToConnection(draft, effect, stamp, clock)
    draft.graph?.touchConnection(id)
  } else if (kind === 'pipeline') {
    draft.pipeline = changedThing(draft.pipeline, effect, stamp, clock)
    if (effect.writes.some(([field]) => field === 'graphRule')) draft.graph = null
  } else {
    const things = thingsOf(draft, kind)
    things.set(id, changedThing(things.get(id) ?? emptyThing(id), effect, stamp, clock))
    if (kind === 'step' && effect.existence) draft.graph?.touchStep(id)
  }
}

function changedThing(thing: Thing, effect: Effect, stamp: Stamp, clock: VersionVector): Thing {
  const { writes } = effect
  const fields = writes.length > 0 ? thing.fields.write(writes, stamp, clock) : thing.fields
  return thingWith(thing.id, changedExistence(thing, effect, stamp, clock), fields)
}

function changedExistence(
  before: Existence,
  effect: Effect,
  stamp: Stamp,
  clock: VersionVector,
): Existence {
  const { adds, removalsSaw, removal } = before
  if (effect.existence === 'add') {
    return { adds: withAdd(adds, stamp), removalsSaw, removal }
  }
  if (effect.existence === 'remove') {
    if (!removal) return { adds, removalsSaw: clock, removal: stamp }
    const latest = compareStamps(removal, stamp) > 0 ? removal : stamp
    return { adds, removalsSaw: mergeVectors(removalsSaw, clock), removal: latest }
  }
  return before
}

function withAdd(adds: readonly Stamp[], stamp: Stamp): readonly Stamp[] {
  return adds.length === 0 ? [stamp] : [...adds, stamp].sort(compareStamps)
}

function applyToConnection(
  draft: PipelineState,
  effect: Effect,
  stamp: Stamp,
  clock: VersionVector,
): void {
  const key = effect.thing.id
  const before = draft.connections.get(key) ?? NOWHERE
  const { adds, removalsSaw, removal } = changedExistence(before, effect, stamp, clock)
  const earliestAdd = adds[0] ?? stamp
  const ends = effect.ends!
  draft.connections.set(key, { key, ends, adds, removalsSaw, removal, earliestAdd })
}

function tagVersion(
  draft: PipelineState,
  payload: Extract<PipelineChange, { type: 'VersionTagged' }>['payload'],
  stamp: Stamp,
): void {
  const before = draft.versions.get(payload.versionId)
  if (before && compareStamps(before.stamp, stamp) < 0) return
  const { label, note, cut } = payload
  const id = payload.versionId
  draft.versions.set(
    id,
    note === undefined ? { id, label, cut, stamp } : { id, label, note, cut, stamp },
  )
}
