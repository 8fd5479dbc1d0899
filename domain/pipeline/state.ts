/** The merged state of one pipeline: what a set of events amounts to. */
import { HLC_ZERO, type Hlc } from '../clock/hlc.ts'
import { includes, type VersionVector } from '../clock/version-vector.ts'
import type { Stamp } from '../events/event.ts'
import type { ConnectionEnds, GraphRule } from '../events/pipeline-events.ts'
import type { EventId, PipelineId, ReplicaId, TeamId, VersionId } from '../ids.ts'
import type { JsonValue } from '../json.ts'
import type { GraphKeeper } from './graph.ts'
import type { FieldName, ThingKind } from './effects.ts'
import { Registers } from './registers.ts'

/** Additions and removals of a thing (rule M2). Additions are kept when removed: M5 orders by them. */
export interface Existence {
  /** Every addition and restoration, least first by T. */
  readonly adds: readonly Stamp[]
  /** Everything that any removal has seen; an addition outside it is alive. */
  readonly removalsSaw: VersionVector
  /** The greatest removal by T, to say who removed the thing; null where nobody did. */
  readonly removal: Stamp | null
}

/** A thing with fields: the pipeline, a step, a note or a comment. Replaced, never changed. */
export interface Thing extends Existence {
  readonly id: string
  readonly fields: Registers
  /** A cheap look ahead: almost no thing is in conflict, and every one is asked often. */
  readonly mayConflict: boolean
}

/** A connection; see rules M4 and M5. Replaced, never changed. */
export interface Connection extends Existence {
  readonly key: string
  readonly ends: ConnectionEnds
  /** The least addition by T, removed or not: the connection's turn in the effective graph. */
  readonly earliestAdd: Stamp
}

/** A tagged version: a causal cut with a name (rule M7). */
export interface TaggedVersion {
  readonly id: VersionId
  readonly label: string
  readonly note?: string
  readonly cut: VersionVector
  readonly stamp: Stamp
}

/** An event that this program keeps but cannot apply: a newer one of its kind is needed. */
export interface UnappliedEvent {
  readonly id: EventId
  readonly type: string
  readonly schema: number
}

/**
 * A pipeline's state. `evolve` advances it in place, and replaces the things that change, so that
 * an unchanged thing stays the same object: compare by identity to see what an event touched.
 */
export interface PipelineState {
  readonly id: PipelineId
  readonly pipeline: Thing
  readonly steps: Map<string, Thing>
  readonly notes: Map<string, Thing>
  readonly comments: Map<string, Thing>
  readonly connections: Map<string, Connection>
  readonly versions: Map<string, TaggedVersion>
  /** The last event of each replica. */
  readonly replicas: Map<ReplicaId, Stamp>
  /** The greatest stamp of all events: what the next event must exceed. */
  readonly greatestHlc: Hlc
  readonly unapplied: readonly UnappliedEvent[]
  /** What keeps the effective graph, once that was asked for. */
  readonly graph: GraphKeeper | null
}

/** Of what was neither added nor removed. */
export const NOWHERE: Existence = { adds: [], removalsSaw: {}, removal: null }

export function thingWith(
  id: string,
  { adds, removalsSaw, removal }: Existence,
  fields: Registers,
): Thing {
  const mayConflict = fields.contested > 0 || (removal !== null && fields.someOutside(removalsSaw))
  return { id, adds, removalsSaw, removal, fields, mayConflict }
}

export function emptyThing(id: string): Thing {
  return thingWith(id, NOWHERE, Registers.none)
}

/** The state of a pipeline of which no event is known. */
export function initialState(id: PipelineId): PipelineState {
  return {
    id,
    pipeline: emptyThing(''),
    steps: new Map(),
    notes: new Map(),
    comments: new Map(),
    connections: new Map(),
    versions: new Map(),
    replicas: new Map(),
    greatestHlc: HLC_ZERO,
    unapplied: [],
    graph: null,
  }
}

/** A state that can be advanced apart from the one it was taken from; shares the things in it. */
export function forkState(state: PipelineState): PipelineState {
  return {
    ...state,
    steps: new Map(state.steps),
    notes: new Map(state.notes),
    comments: new Map(state.comments),
    connections: new Map(state.connections),
    versions: new Map(state.versions),
    replicas: new Map(state.replicas),
    graph: null,
  }
}

/** Whether a thing exists: it has an addition that no removal has seen (rule M2). */
export function exists(thing: Existence): boolean {
  const { adds, removalsSaw, removal } = thing
  return removal ? adds.some((add) => !includes(removalsSaw, add)) : adds.length > 0
}

export function thingsOf(state: PipelineState, kind: Exclude<ThingKind, 'pipeline'>) {
  return kind === 'step' ? state.steps : kind === 'note' ? state.notes : state.comments
}

/** Whether a pipeline was created, as far as this state knows. */
export function isCreated(state: PipelineState): boolean {
  return state.pipeline.fields.has('teamId')
}

/** Everything that is in the state, as a version vector. */
export function vectorOf(state: PipelineState): VersionVector {
  const vector: Record<string, number> = {}
  for (const [replicaId, head] of state.replicas) vector[replicaId] = head.seq
  return vector
}

/** The shown value of a thing's field, or `fallback` where it is absent or was never written. */
export function fieldOf<T extends JsonValue>(thing: Thing, field: FieldName, fallback: T): T {
  return (thing.fields.shown(field) as T | undefined) ?? fallback
}

export const pipelineName = (state: PipelineState) => fieldOf(state.pipeline, 'name', '')
export const isArchived = (state: PipelineState) => fieldOf(state.pipeline, 'archived', false)
export const teamOf = (state: PipelineState): TeamId | null =>
  (state.pipeline.fields.shown('teamId') as TeamId | undefined) ?? null
export const graphRuleOf = (state: PipelineState) =>
  fieldOf<GraphRule>(state.pipeline, 'graphRule', 'acyclic')
