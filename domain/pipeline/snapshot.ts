/**
 * A state as JSON, and back: what a new replica starts from, and what is kept so that opening need
 * not replay. Disposable: it carries the version of the fold that made it, and one made by another
 * fold is thrown away and computed again from the events.
 *
 * A state refers to the same few replicas, stamps and lists of fields again and again, so these are
 * listed once and referred to by index. Every list is sorted: equal states give equal texts.
 */
import type { Hlc } from '../clock/hlc.ts'
import type { VersionVector } from '../clock/version-vector.ts'
import type { Stamp } from '../events/event.ts'
import type { ConnectionEnds } from '../events/pipeline-events.ts'
import type { ActorId, PipelineId, ReplicaId } from '../ids.ts'
import type { JsonValue } from '../json.ts'
import { connectionKey, type FieldName } from './effects.ts'
import type { Register, Write } from './register.ts'
import { isRegister, Registers, type Cell } from './registers.ts'
import {
  thingWith,
  type Connection,
  type Existence,
  type PipelineState,
  type TaggedVersion,
  type Thing,
  type UnappliedEvent,
} from './state.ts'

/** Raise it with every change of `evolve` or of the state's form. */
export const FOLD_VERSION = 2

/** Columns of equal length: the stamps that a state refers to, by replica and sequence number. */
interface StampTable {
  /** Index into `replicas`. */
  readonly replica: readonly number[]
  readonly seq: readonly number[]
  readonly hlc: readonly Hlc[]
  /** Index into `actors`. */
  readonly actor: readonly number[]
}

/** Index of a stamp. */
type StampIndex = number

interface ExistenceJson {
  readonly adds: readonly StampIndex[]
  /** Where something was removed: what all removals have seen, and the greatest of them. */
  readonly removed?: readonly [saw: VersionVector, greatest: StampIndex]
}

/** A held write: the stamp, and the value unless it wrote `absent`. */
type WriteJson = readonly [StampIndex, JsonValue?]

interface ThingJson extends ExistenceJson {
  readonly id: string
  /** Index into `layouts`. */
  readonly layout: number
  /** For each field of the layout a stamp and the value on show, or all writes and null. */
  readonly cells: readonly (StampIndex | readonly WriteJson[] | JsonValue)[]
}

interface ConnectionJson extends ExistenceJson {
  readonly ends: ConnectionEnds
  /** Only where it was removed without ever having been added. */
  readonly earliestAdd?: StampIndex
}

export interface StateSnapshot {
  readonly fold: number
  readonly id: PipelineId
  readonly replicas: readonly ReplicaId[]
  readonly actors: readonly ActorId[]
  readonly stamps: StampTable
  /** The lists of fields that things have. */
  readonly layouts: readonly (readonly FieldName[])[]
  readonly pipeline: ThingJson
  readonly steps: readonly ThingJson[]
  readonly notes: readonly ThingJson[]
  readonly comments: readonly ThingJson[]
  readonly connections: readonly ConnectionJson[]
  readonly versions: readonly TaggedVersion[]
  /** The last event of each replica. */
  readonly heads: readonly StampIndex[]
  readonly greatestHlc: Hlc
  readonly unapplied: readonly UnappliedEvent[]
}

export function takeSnapshot(state: PipelineState): StateSnapshot {
  const things = [state.pipeline, ...sorted(state.steps)]
  const notes = sorted(state.notes)
  const comments = sorted(state.comments)
  const connections = sorted(state.connections)
  const all = [...things, ...notes, ...comments]
  const stamps = new StampWriter([
    ...state.replicas.values(),
    ...[...all, ...connections].flatMap(stampsOfExistence),
    ...all.flatMap(({ fields }) => stampsOfFields(fields)),
    ...connections.map(({ earliestAdd }) => earliestAdd),
  ])
  const layouts = new LayoutWriter(all)
  const thingJson = (thing: Thing): ThingJson => ({
    id: thing.id,
    ...existenceJson(thing, stamps),
    layout: layouts.indexOf(thing.fields.names),
    cells: thing.fields.cells.map((cell, i) => cellJson(cell, i, thing.fields.cells, stamps)),
  })
  return {
    fold: FOLD_VERSION,
    id: state.id,
    replicas: stamps.replicas,
    actors: stamps.actors,
    stamps: stamps.table,
    layouts: layouts.list,
    pipeline: thingJson(state.pipeline),
    steps: things.slice(1).map(thingJson),
    notes: notes.map(thingJson),
    comments: comments.map(thingJson),
    connections: connections.map((connection) => connectionJson(connection, stamps)),
    versions: sorted(state.versions),
    heads: [...state.replicas.values()].map((head) => stamps.indexOf(head)).sort((a, b) => a - b),
    greatestHlc: state.greatestHlc,
    unapplied: state.unapplied,
  }
}

/** The state of a snapshot; null for one that another version of the fold made. */
export function restoreSnapshot(snapshot: StateSnapshot): PipelineState | null {
  if (snapshot.fold !== FOLD_VERSION) return null
  const { layouts } = snapshot
  const stamps = stampsOf(snapshot)
  const thingOf = (json: ThingJson): Thing => {
    const fields = fieldsOf(json, layouts[json.layout]!, stamps)
    return thingWith(json.id, existenceOf(json, stamps), fields)
  }
  const thingsById = (things: readonly ThingJson[]) => {
    const byId = new Map<string, Thing>()
    for (const thing of things) byId.set(thing.id, thingOf(thing))
    return byId
  }
  const steps = thingsById(snapshot.steps)
  const connections = new Map<string, Connection>()
  for (const json of snapshot.connections) {
    const connection = connectionOf(json, stamps, steps)
    connections.set(connection.key, connection)
  }
  return {
    id: snapshot.id,
    pipeline: thingOf(snapshot.pipeline),
    steps,
    notes: thingsById(snapshot.notes),
    comments: thingsById(snapshot.comments),
    connections,
    versions: new Map(snapshot.versions.map((version) => [version.id, version])),
    replicas: new Map(snapshot.heads.map((at) => [stamps[at]!.replicaId, stamps[at]!])),
    greatestHlc: snapshot.greatestHlc,
    unapplied: snapshot.unapplied,
    graph: null,
  }
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

function sorted<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(byKey).map(([, value]) => value)
}

function stampsOfExistence({ adds, removal }: Existence): readonly Stamp[] {
  return removal ? [...adds, removal] : adds
}

function stampsOfFields({ cells }: Registers): Stamp[] {
  const stamps: Stamp[] = []
  for (let i = 0; i < cells.length; i += 2) {
    const head = cells[i] as Stamp | Register
    if (isRegister(head)) stamps.push(...head.map(({ stamp }) => stamp))
    else stamps.push(head)
  }
  return stamps
}

/** Every stamp once, by replica and sequence number, which no two events share. */
class StampWriter {
  readonly replicas: readonly ReplicaId[]
  readonly actors: readonly ActorId[]
  readonly table: StampTable
  readonly #indexes = new Map<ReplicaId, Map<number, StampIndex>>()

  constructor(stamps: readonly Stamp[]) {
    const distinct = new Map<ReplicaId, Map<number, Stamp>>()
    for (const stamp of stamps) {
      const ofReplica = distinct.get(stamp.replicaId)
      if (ofReplica) ofReplica.set(stamp.seq, stamp)
      else distinct.set(stamp.replicaId, new Map([[stamp.seq, stamp]]))
    }
    this.replicas = [...distinct.keys()].sort()
    const rows = this.replicas.flatMap((replicaId) =>
      [...distinct.get(replicaId)!.values()].sort((a, b) => a.seq - b.seq),
    )
    this.actors = [...new Set(rows.map(({ actorId }) => actorId))].sort()
    const replicaAt = new Map(this.replicas.map((replicaId, index) => [replicaId, index]))
    const actorAt = new Map(this.actors.map((actorId, index) => [actorId, index]))
    this.table = {
      replica: rows.map(({ replicaId }) => replicaAt.get(replicaId)!),
      seq: rows.map(({ seq }) => seq),
      hlc: rows.map(({ hlc }) => hlc),
      actor: rows.map(({ actorId }) => actorAt.get(actorId)!),
    }
    for (const replicaId of this.replicas) this.#indexes.set(replicaId, new Map())
    rows.forEach(({ replicaId, seq }, index) => this.#indexes.get(replicaId)!.set(seq, index))
  }

  indexOf({ replicaId, seq }: Stamp): StampIndex {
    return this.#indexes.get(replicaId)!.get(seq)!
  }
}

/** Every list of fields once. */
class LayoutWriter {
  readonly list: readonly (readonly FieldName[])[]
  readonly #indexes: ReadonlyMap<string, number>
  /** Things that came about together share their list. */
  readonly #known = new Map<readonly FieldName[], number>()

  constructor(things: readonly Thing[]) {
    const lists = new Set(things.map(({ fields }) => fields.names))
    const byText = new Map([...lists].map((names) => [JSON.stringify(names), names]))
    const texts = [...byText.keys()].sort()
    this.list = texts.map((text) => byText.get(text)!)
    this.#indexes = new Map(texts.map((text, index) => [text, index]))
  }

  indexOf(names: readonly FieldName[]): number {
    const known = this.#known.get(names)
    if (known !== undefined) return known
    const index = this.#indexes.get(JSON.stringify(names))!
    this.#known.set(names, index)
    return index
  }
}

function existenceJson({ adds, removalsSaw, removal }: Existence, stamps: StampWriter) {
  const json: ExistenceJson = { adds: adds.map((add) => stamps.indexOf(add)) }
  return removal ? { ...json, removed: [removalsSaw, stamps.indexOf(removal)] as const } : json
}

function cellJson(cell: Cell, i: number, cells: readonly Cell[], stamps: StampWriter) {
  if (i % 2 === 0) {
    const head = cell as Stamp | Register
    if (isRegister(head)) return head.map((write) => writeJson(write, stamps))
    // What is absent has no value in JSON, so that its write is spelt out.
    return cells[i + 1] === undefined ? [[stamps.indexOf(head)]] : stamps.indexOf(head)
  }
  const value = cell as JsonValue | undefined
  return value === undefined || isRegister(cells[i - 1]) ? null : value
}

function writeJson({ stamp, value }: Write, stamps: StampWriter): WriteJson {
  return value === undefined ? [stamps.indexOf(stamp)] : [stamps.indexOf(stamp), value]
}

function connectionJson(connection: Connection, stamps: StampWriter): ConnectionJson {
  const { ends, adds, earliestAdd } = connection
  const json = { ends, ...existenceJson(connection, stamps) }
  return adds.length > 0 ? json : { ...json, earliestAdd: stamps.indexOf(earliestAdd) }
}

function stampsOf({ replicas, actors, stamps }: StateSnapshot): readonly Stamp[] {
  const { replica, seq, hlc, actor } = stamps
  return seq.map((value, i) => ({
    replicaId: replicas[replica[i]!]!,
    seq: value,
    hlc: hlc[i]!,
    actorId: actors[actor[i]!]!,
  }))
}

const NO_REMOVAL: VersionVector = {}

function existenceOf({ adds, removed }: ExistenceJson, stamps: readonly Stamp[]): Existence {
  return {
    adds: adds.map((at) => stamps[at]!),
    removalsSaw: removed?.[0] ?? NO_REMOVAL,
    removal: removed ? stamps[removed[1]]! : null,
  }
}

function fieldsOf({ cells }: ThingJson, names: readonly FieldName[], stamps: readonly Stamp[]) {
  const restored: Cell[] = cells.slice() as Cell[]
  let contested = 0
  for (let i = 0; i < restored.length; i += 2) {
    const head = cells[i] as StampIndex | readonly WriteJson[]
    if (typeof head === 'number') {
      restored[i] = stamps[head]!
      continue
    }
    const register = head.map(([at, value]): Write => {
      const stamp = stamps[at]!
      return value === undefined ? { stamp } : { stamp, value }
    })
    if (register.length > 1) contested += 1
    restored[i] = register.length > 1 ? register : register[0]!.stamp
    restored[i + 1] = register[0]!.value
  }
  return new Registers(names, restored, contested)
}

/** The ends take the steps' own ids, so that no id is kept twice. */
function connectionOf(
  json: ConnectionJson,
  stamps: readonly Stamp[],
  steps: ReadonlyMap<string, Thing>,
): Connection {
  const { adds, removalsSaw, removal } = existenceOf(json, stamps)
  const { from, to } = json.ends
  const ends = { from: endOf(from, steps), to: endOf(to, steps) }
  const earliestAdd = adds[0] ?? stamps[json.earliestAdd!]!
  return { key: connectionKey(ends), ends, adds, removalsSaw, removal, earliestAdd }
}

function endOf(end: ConnectionEnds['from'], steps: ReadonlyMap<string, Thing>) {
  const step = steps.get(end.stepId)
  return step ? { ...end, stepId: step.id as typeof end.stepId } : end
}
