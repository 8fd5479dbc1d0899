/**
 * Events as columns: the fewest bytes that still say who did what, when, and having seen what.
 *
 * Only the differences to the same replica's event before are written of a clock and of a time, a
 * sequence number is counted on, and each place of a payload is a column. Left out are the ids of
 * events and of gestures: random by nature, they cost what they cost, whoever writes them.
 */
import { hlcMs, hlcOf } from '../../../domain/clock/hlc.ts'
import type { VersionVector } from '../../../domain/clock/version-vector.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { ActorId, PipelineId, ReplicaId } from '../../../domain/ids.ts'
import type { JsonValue } from '../../../domain/json.ts'
import { ByteReader, ByteWriter, readColumn, writeColumn } from './columns.ts'

/** What an archive gives back of an event. */
export type ArchivedEvent = Omit<PipelineEvent, 'id' | 'intentId'>

/**
 * The form of a payload: an object is one of forms, a number is a place of its own with a number
 * (0), a text (1) or anything else (2), a text stands for itself.
 */
type Form = 0 | 1 | 2 | string | { readonly [member: string]: Form }

type Shape = readonly [type: string, schema: number, form: Form]

/** A replica of an archive: its actor and first event, or null where it is only named in clocks. */
type ReplicaEntry = readonly [
  replicaId: ReplicaId,
  first: readonly [actorId: ActorId, seq: number, ms: number] | null,
]

interface Head {
  readonly pipelineId: PipelineId
  readonly replicas: readonly ReplicaEntry[]
  readonly shapes: readonly Shape[]
}

/** Numbers of every event, and of every entry of a clock that is not as it was. */
class Columns {
  readonly author: number[] = []
  readonly ms: number[] = []
  readonly counter: number[] = []
  readonly changes: number[] = []
  readonly shape: number[] = []
  readonly changedReplica: number[] = []
  readonly increase: number[] = []
}

/**
 * @param events of one pipeline, each replica's in their order and without gaps
 * @throws Error where a replica has a gap, forgets what it had seen, or has two actors
 */
export function archiveOf(events: readonly ArchivedEvent[]): Uint8Array {
  const columns = new Columns()
  const replicas = new ReplicaTable()
  const shapes = new ShapeTable()
  for (const event of events) {
    const before = replicas.before(event)
    columns.author.push(replicas.indexOf(event.replicaId))
    columns.ms.push(hlcMs(event.hlc) - hlcMs((before ?? event).hlc))
    columns.counter.push(counterOf(event.hlc))
    const increases = clockIncreases(event, before)
    columns.changes.push(increases.length)
    for (const [replicaId, increase] of increases) {
      columns.changedReplica.push(replicas.indexOf(replicaId))
      columns.increase.push(increase)
    }
    columns.shape.push(shapes.put(event))
    replicas.advance(event)
  }
  const pipelineId = events[0]?.pipelineId ?? ('' as PipelineId)
  const head: Head = { pipelineId, replicas: replicas.entries(), shapes: shapes.entries() }
  const writer = new ByteWriter()
  writer.text(JSON.stringify(head))
  writer.count(events.length)
  for (const column of [...Object.values(columns), ...shapes.columns()]) {
    writeColumn(writer, column as readonly JsonValue[])
  }
  return writer.finish()
}

/** What an event's author had seen of others that its event before had not. */
function clockIncreases({ replicaId, clock }: ArchivedEvent, before: ArchivedEvent | undefined) {
  return (Object.keys(clock) as ReplicaId[])
    .filter((other) => other !== replicaId)
    .map((other) => [other, clock[other]! - (before?.clock[other] ?? 0)] as const)
    .filter(([, increase]) => increase !== 0)
}

/** The events of an archive. */
export function eventsOfArchive(bytes: Uint8Array): ArchivedEvent[] {
  const reader = new ByteReader(bytes)
  const { pipelineId, replicas, shapes } = JSON.parse(reader.text()) as Head
  const count = reader.count()
  const numbers = (length: number) => readColumn(reader, length) as number[]
  const author = numbers(count)
  const ms = numbers(count)
  const counter = numbers(count)
  const changes = numbers(count)
  const shape = numbers(count)
  const changeCount = changes.reduce((sum, some) => sum + some, 0)
  const changedReplica = numbers(changeCount)
  const increase = numbers(changeCount)
  const columns = shapes.map(([, , form], index) => {
    const used = shape.filter((one) => one === index).length
    return valuesAt(form, null).map(() => readColumn(reader, used).values())
  })
  const latest = replicas.map(([, first]) =>
    first ? { seq: first[1] - 1, ms: first[2], clock: {} as Record<string, number> } : null,
  )
  let change = 0
  return author.map((index, at): ArchivedEvent => {
    const [replicaId, first] = replicas[index]!
    const before = latest[index]!
    before.seq++
    before.ms += ms[at]!
    for (const end = change + changes[at]!; change < end; change++) {
      const other = replicas[changedReplica[change]!]![0]
      before.clock[other] = (before.clock[other] ?? 0) + increase[change]!
    }
    const [type, schema, form] = shapes[shape[at]!]!
    const values = columns[shape[at]!]!.values()
    return {
      type,
      schema,
      pipelineId,
      replicaId,
      seq: before.seq,
      clock: { ...before.clock, [replicaId]: before.seq } as VersionVector,
      hlc: hlcOf(before.ms, counter[at]!),
      actorId: first![0],
      payload: filled(form, () => values.next().value!.next().value as JsonValue),
    }
  })
}

/** The replicas of an archive, and the first and the last event of each. */
class ReplicaTable {
  readonly #indices = new Map<ReplicaId, number>()
  readonly #firsts = new Map<ReplicaId, ArchivedEvent>()
  readonly #lasts = new Map<ReplicaId, ArchivedEvent>()

  indexOf(replicaId: ReplicaId): number {
    const index = this.#indices.get(replicaId) ?? this.#indices.size
    this.#indices.set(replicaId, index)
    return index
  }

  /** The same replica's event before, which an event is written as a difference to. */
  before({ replicaId, seq, clock, actorId }: ArchivedEvent): ArchivedEvent | undefined {
    const last = this.#lasts.get(replicaId)
    if (clock[replicaId] !== seq) throw new Error(`${replicaId} ${seq} has not seen itself`)
    if (!last) return undefined
    if (last.seq !== seq - 1) throw new Error(`${replicaId} ${seq} follows ${last.seq}`)
    if (last.actorId !== actorId) throw new Error(`${replicaId} has two actors`)
    const hasForgotten = (Object.keys(last.clock) as ReplicaId[]).some((id) => !(id in clock))
    if (hasForgotten) throw new Error(`${replicaId} ${seq} forgot what it had seen`)
    return last
  }

  advance(event: ArchivedEvent): void {
    if (!this.#firsts.has(event.replicaId)) this.#firsts.set(event.replicaId, event)
    this.#lasts.set(event.replicaId, event)
  }

  entries(): ReplicaEntry[] {
    return [...this.#indices.keys()].map((replicaId) => {
      const first = this.#firsts.get(replicaId)
      return [replicaId, first ? [first.actorId, first.seq, hlcMs(first.hlc)] : null]
    })
  }
}

/** The shapes of an archive, each with a column for every place of its form. */
class ShapeTable {
  readonly #indices = new Map<string, number>()
  readonly #shapes: Shape[] = []
  readonly #columns: JsonValue[][][] = []

  /** Puts an event's payload into the columns of its shape, and gives the shape's index. */
  put({ type, schema, payload }: ArchivedEvent): number {
    const shape: Shape = [type, schema, formOf(payload as JsonValue)]
    const key = JSON.stringify(shape)
    const index = this.#indices.get(key) ?? this.#shapes.length
    const values = valuesAt(shape[2], payload as JsonValue)
    if (index === this.#shapes.length) {
      this.#indices.set(key, index)
      this.#shapes.push(shape)
      this.#columns.push(values.map(() => []))
    }
    values.forEach((value, place) => this.#columns[index]![place]!.push(value))
    return index
  }

  entries(): readonly Shape[] {
    return this.#shapes
  }

  columns(): JsonValue[][] {
    return this.#columns.flat()
  }
}

const counterOf = (hlc: string) => Number.parseInt(hlc.slice(14), 16)

/** Which key of a configuration was set decides what its value is like: one form for each. */
function formOf(value: JsonValue, member = ''): Form {
  if (typeof value === 'number') return 0
  if (typeof value === 'string') return member === 'key' ? value : 1
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 2
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, formOf(one, name)]))
}

/** What is in a value at each place of a form, in the form's order; nulls of a null. */
function valuesAt(form: Form, value: JsonValue): JsonValue[] {
  if (typeof form === 'number') return [value]
  if (typeof form === 'string') return []
  const members = value as Record<string, JsonValue> | null
  return Object.keys(form).flatMap((name) => valuesAt(form[name]!, members?.[name] ?? null))
}

/** The value of a form whose places are filled in its order. */
function filled(form: Form, next: () => JsonValue): JsonValue {
  if (typeof form === 'number') return next()
  if (typeof form === 'string') return form
  return Object.fromEntries(
    Object.entries(form).map(([name, inner]) => [name, filled(inner, next)]),
  )
}
