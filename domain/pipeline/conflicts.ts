/** Conflicts: what two people did without having seen each other (rules M1, M3 and M5). */
import { includes } from '../clock/version-vector.ts'
import type { ConnectionEnds } from '../events/pipeline-events.ts'
import type { ActorId, ReplicaId } from '../ids.ts'
import type { Hlc } from '../clock/hlc.ts'
import type { JsonValue } from '../json.ts'
import { effectiveGraph } from './effective-graph.ts'
import type { FieldName, ThingKind } from './effects.ts'
import { isInConflict, type Write } from './register.ts'
import { exists, type PipelineState, type Thing } from './state.ts'

/** One of the values that were written, with who and when; without `value` it is `absent`. */
export interface ConflictValue {
  readonly value?: JsonValue
  readonly actorId: ActorId
  readonly replicaId: ReplicaId
  readonly hlc: Hlc
}

/** Where a field conflict lies; without any of the three ids it is the pipeline itself. */
export interface ThingId {
  readonly stepId?: string
  readonly noteId?: string
  readonly commentId?: string
}

export type Conflict =
  | (ThingId & {
      readonly kind: 'field' | 'edited-while-removed'
      readonly field: FieldName
      /** Greatest first: the first is the one on show. */
      readonly values: readonly ConflictValue[]
    })
  | {
      readonly kind: 'suspended-connection'
      readonly connection: ConnectionEnds
      readonly blockedBy: readonly ConnectionEnds[]
    }

/** Moves and resizes merge silently: the later one wins, and nobody is asked. */
const SILENT_FIELDS: ReadonlySet<FieldName> = new Set(['placement', 'size', 'teamId'])

/** Every conflict of a state, in a fixed order: by kind of thing, id and field. */
export function conflictsOf(state: PipelineState): readonly Conflict[] {
  return [
    ...fieldConflicts(state.pipeline, {}),
    ...thingConflicts(state.steps, 'step'),
    ...thingConflicts(state.notes, 'note'),
    ...thingConflicts(state.comments, 'comment'),
    ...suspendedConnections(state),
  ]
}

/** The id of a thing under the name that its kind has in events and in conflicts. */
export function thingId(kind: ThingKind, id: string): ThingId {
  if (kind === 'step') return { stepId: id }
  if (kind === 'note') return { noteId: id }
  return kind === 'comment' ? { commentId: id } : {}
}

/** A thing never changes, and from one look to the next nearly all are the same. */
const known = new WeakMap<Thing, readonly Conflict[]>()

function* thingConflicts(
  things: ReadonlyMap<string, Thing>,
  kind: Exclude<ThingKind, 'pipeline'>,
): Generator<Conflict> {
  const suspects: Thing[] = []
  for (const thing of things.values()) if (thing.mayConflict) suspects.push(thing)
  for (const thing of suspects.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    let conflicts = known.get(thing)
    if (!conflicts) known.set(thing, (conflicts = conflictsIn(thing, thingId(kind, thing.id))))
    yield* conflicts
  }
}

function conflictsIn(thing: Thing, where: ThingId): readonly Conflict[] {
  return [...(exists(thing) ? fieldConflicts(thing, where) : editsWhileRemoved(thing, where))]
}

function* fieldConflicts(thing: Thing, where: ThingId): Generator<Conflict> {
  for (const [field, register] of thing.fields) {
    if (SILENT_FIELDS.has(field) || register.length < 2 || !isInConflict(register)) continue
    yield { kind: 'field', ...where, field, values: register.map(conflictValue) }
  }
}

/** The edits of a removed thing that no removal has seen. */
export function* editsWhileRemoved(thing: Thing, where: ThingId): Generator<Conflict> {
  if (!thing.removal) return
  for (const [field, register] of thing.fields) {
    if (SILENT_FIELDS.has(field)) continue
    const unseen = register.filter((write) => !includes(thing.removalsSaw, write.stamp))
    if (unseen.length === 0) continue
    yield { kind: 'edited-while-removed', ...where, field, values: unseen.map(conflictValue) }
  }
}

function* suspendedConnections(state: PipelineState): Generator<Conflict> {
  const suspended = [...effectiveGraph(state).connections.values()]
    .filter((connection) => connection.status === 'suspended')
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  for (const { ends, blockedBy } of suspended) {
    yield { kind: 'suspended-connection', connection: ends, blockedBy: blockedBy ?? [] }
  }
}

function conflictValue({ stamp, value }: Write): ConflictValue {
  const { actorId, replicaId, hlc } = stamp
  return value === undefined ? { actorId, replicaId, hlc } : { value, actorId, replicaId, hlc }
}
