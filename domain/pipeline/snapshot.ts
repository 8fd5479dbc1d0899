/**
 * A state as JSON, and back: what a new replica starts from, and what is kept so that opening need
 * not replay. Disposable: it carries the version of the fold that made it, and one made by another
 * fold is thrown away and computed again from the events.
 */
import type { Hlc } from '../clock/hlc.ts'
import type { PipelineId, ReplicaId } from '../ids.ts'
import type { Register } from './register.ts'
import type {
  Connection,
  PipelineState,
  ReplicaHead,
  TaggedVersion,
  Thing,
  UnappliedEvent,
} from './state.ts'
import type { Existence } from './state.ts'

/** Raise it with every change of `evolve` or of the state's form. */
export const FOLD_VERSION = 1

type ThingJson = Existence & { readonly id: string; readonly fields: Record<string, Register> }

/** A state's JSON; members sorted, so that equal states give equal texts. */
export interface StateSnapshot {
  readonly fold: number
  readonly id: PipelineId
  readonly pipeline: ThingJson
  readonly steps: readonly ThingJson[]
  readonly notes: readonly ThingJson[]
  readonly comments: readonly ThingJson[]
  readonly connections: readonly Connection[]
  readonly versions: readonly TaggedVersion[]
  readonly replicas: Record<string, ReplicaHead>
  readonly greatestHlc: Hlc
  readonly unapplied: readonly UnappliedEvent[]
}

export function takeSnapshot(state: PipelineState): StateSnapshot {
  return {
    fold: FOLD_VERSION,
    id: state.id,
    pipeline: thingJson(state.pipeline),
    steps: sorted(state.steps).map(thingJson),
    notes: sorted(state.notes).map(thingJson),
    comments: sorted(state.comments).map(thingJson),
    connections: sorted(state.connections),
    versions: sorted(state.versions),
    replicas: Object.fromEntries([...state.replicas].sort(byKey)),
    greatestHlc: state.greatestHlc,
    unapplied: state.unapplied,
  }
}

/** The state of a snapshot; null for one that another version of the fold made. */
export function restoreSnapshot(snapshot: StateSnapshot): PipelineState | null {
  if (snapshot.fold !== FOLD_VERSION) return null
  return {
    id: snapshot.id,
    pipeline: thingOf(snapshot.pipeline),
    steps: thingsById(snapshot.steps),
    notes: thingsById(snapshot.notes),
    comments: thingsById(snapshot.comments),
    connections: new Map(snapshot.connections.map((connection) => [connection.key, connection])),
    versions: new Map(snapshot.versions.map((version) => [version.id, version])),
    replicas: new Map(Object.entries(snapshot.replicas) as [ReplicaId, ReplicaHead][]),
    greatestHlc: snapshot.greatestHlc,
    unapplied: snapshot.unapplied,
    graph: null,
  }
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

function sorted<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(byKey).map(([, value]) => value)
}

function thingJson({ fields, ...rest }: Thing): ThingJson {
  return { ...rest, fields: Object.fromEntries([...fields].sort(byKey)) }
}

function thingOf({ fields, ...rest }: ThingJson): Thing {
  return { ...rest, fields: new Map(Object.entries(fields)) }
}

function thingsById(things: readonly ThingJson[]): Map<string, Thing> {
  return new Map(things.map((thing) => [thing.id, thingOf(thing)]))
}
