/** The device's copy in IndexedDB, through Dexie. One database for each signed-in person. */
import Dexie, { type Table, type Transaction } from 'dexie'
import type { EventId, PipelineId } from '../../domain/ids.ts'
import type { RefusedEdit } from '../replica/replica.ts'
import {
  StorageFailed,
  type Device,
  type LocalEvent,
  type LocalStore,
  type PipelineRecord,
  type QueueEntry,
  type ReadTransaction,
  type SnapshotRecord,
  type WriteTransaction,
} from '../replica/local-store.ts'

type QueueRow = QueueEntry & { order?: number }
type DeviceRow = Device & { key: 'device' }
type RefusedRow = RefusedEdit & { id: EventId }

class ReplicaDatabase extends Dexie {
  declare readonly device: Table<DeviceRow, string>
  declare readonly pipelines: Table<PipelineRecord, PipelineId>
  declare readonly snapshots: Table<SnapshotRecord, PipelineId>
  declare readonly events: Table<LocalEvent, EventId>
  declare readonly queue: Table<QueueRow, number>
  declare readonly refused: Table<RefusedRow, EventId>

  constructor(name: string, options: ConstructorParameters<typeof Dexie>[1]) {
    super(name, options)
    this.version(1).stores({
      device: 'key',
      pipelines: 'id',
      snapshots: 'pipelineId',
      events: 'id, [pipelineId+revision], [pipelineId+replicaId+seq]',
      queue: '++order, &eventId, [pipelineId+order], intentId',
      refused: 'id',
    })
  }
}

/** Everything that sorts above any number of a compound key. */
const MAX = Dexie.maxKey
/** Gestures in the queue that are counted one by one. */
const MAX_COUNTED = 1_000

/**
 * Opens a person's database on this device.
 * @throws StorageFailed where the browser refuses IndexedDB: use the memory store and say so
 */
export async function openDexieStore(
  userId: string,
  options: ConstructorParameters<typeof Dexie>[1] = {},
): Promise<LocalStore> {
  const database = new ReplicaDatabase(`tributary-${userId}`, options)
  // Another tab wants a newer schema: letting go at once is what keeps the data from harm. Dexie's
  // own listener, which false keeps from being asked, would open it again with the next edit.
  database.on('versionchange', () => {
    database.close()
    return false
  })
  try {
    await database.open()
  } catch (error) {
    throw new StorageFailed('This browser does not let Tributary store edits.', { cause: error })
  }
  const all = database.tables
  return {
    durable: true,
    read: (work) => run(() => database.transaction('r', all, (tx) => work(reads(tablesOf(tx))))),
    write: (work) =>
      run(() =>
        database.transaction('rw', all, (tx) => {
          const tables = tablesOf(tx)
          return work({ ...reads(tables), ...writes(tables) })
        }),
      ),
    close: () => database.close(),
  }
}

async function run<T>(transaction: () => PromiseLike<T>): Promise<T> {
  try {
    return await transaction()
  } catch (error) {
    if (!(error instanceof Dexie.DexieError)) throw error
    const full = error.name === 'QuotaExceededError' || error.inner?.name === 'QuotaExceededError'
    const message = full
      ? 'There is no space left on this device.'
      : 'This device could not store the edit.'
    throw new StorageFailed(message, { cause: error })
  }
}

type Tables = Pick<
  ReplicaDatabase,
  'device' | 'pipelines' | 'snapshots' | 'events' | 'queue' | 'refused'
>

/**
 * The tables as parts of one transaction. Bound to it by name: finding the transaction by what is
 * running at the moment fails after an await that did not touch the database.
 */
function tablesOf(tx: Transaction): Tables {
  return {
    device: tx.table('device'),
    pipelines: tx.table('pipelines'),
    snapshots: tx.table('snapshots'),
    events: tx.table('events'),
    queue: tx.table('queue'),
    refused: tx.table('refused'),
  }
}

/** A pipeline's entries of the queue, in its order. */
const ofPipeline = (queue: Tables['queue'], id: PipelineId) =>
  queue.where('[pipelineId+order]').between([id, Dexie.minKey], [id, MAX])

function reads(tables: Tables): ReadTransaction {
  const { device, pipelines, snapshots, events, queue, refused } = tables
  const unconfirmed = (id: PipelineId) => events.where('[pipelineId+revision]').equals([id, 0])
  return {
    async device() {
      const row = await device.get('device')
      if (!row) return null
      const { replicaId, epoch, clockOffset } = row
      return { replicaId, epoch, clockOffset }
    },
    pipeline: async (id) => (await pipelines.get(id)) ?? null,
    pipelines: () => pipelines.toArray(),
    snapshot: async (id) => (await snapshots.get(id)) ?? null,
    confirmed: (id, after) =>
      events.where('[pipelineId+revision]').between([id, after], [id, MAX], false, true).toArray(),
    unconfirmed: async (id) => inOrderMade(await unconfirmed(id).toArray()),
    async acknowledged(id) {
      const waiting = ofPipeline(queue, id)
      // What waits is unconfirmed too, so that two counts tell, without reading any of it.
      if ((await unconfirmed(id).count()) === (await waiting.count())) return []
      const queued = new Set((await waiting.toArray()).map((entry) => entry.eventId))
      const ids = await unconfirmed(id).primaryKeys()
      const rows = await events.bulkGet(ids.filter((eventId) => !queued.has(eventId)))
      return inOrderMade(rows.filter((row) => row !== undefined))
    },
    ofReplica: (id, replicaId, after, limit = Infinity) =>
      events
        .where('[pipelineId+replicaId+seq]')
        .between([id, replicaId, after], [id, replicaId, MAX], false, true)
        .limit(limit)
        .toArray(),
    async queue(limit, id) {
      const rows = id ? ofPipeline(queue, id) : queue.orderBy('order')
      const first = await rows.limit(limit).toArray()
      return first.map(({ order, ...entry }) => entry)
    },
    async events(ids) {
      const rows = await events.bulkGet([...ids])
      return rows.filter((row) => row !== undefined)
    },
    queueLength: async (id) => (id ? ofPipeline(queue, id) : queue).count(),
    async queueSize() {
      const count = await queue.count()
      // A step of a cursor for each gesture: counting a hundred thousand would take seconds.
      const intents = await queue.orderBy('intentId').limit(MAX_COUNTED).uniqueKeys()
      return { events: count, gestures: intents.length < MAX_COUNTED ? intents.length : count }
    },
    async gesturesByPipeline() {
      const places: number[] = []
      const byGesture = queue.orderBy('intentId').limit(MAX_COUNTED)
      await byGesture.eachUniqueKey((_, { primaryKey }) => void places.push(primaryKey))
      const counts = new Map<PipelineId, number>()
      if (places.length < MAX_COUNTED) {
        // One entry of each gesture, which is of one pipeline.
        for (const entry of await queue.bulkGet(places)) {
          if (entry) counts.set(entry.pipelineId, (counts.get(entry.pipelineId) ?? 0) + 1)
        }
        return counts
      }
      for (let last = ''; ;) {
        const next = await queue.where('[pipelineId+order]').above([last, MAX]).first()
        if (!next) return counts
        last = next.pipelineId
        counts.set(next.pipelineId, await ofPipeline(queue, next.pipelineId).count())
      }
    },
    refused: async () => (await refused.toArray()).map(({ id, ...edit }) => edit),
  }
}

/**
 * Where events stand in the queue, those that do. A request for each, all of them sent at once:
 * `anyOf` goes by a cursor, which waits for every answer before it asks on, ten times as long.
 */
async function placesOf(
  queue: Tables['queue'],
  ids: readonly EventId[],
): Promise<ReadonlyMap<EventId, number>> {
  const found = await Promise.all(ids.map((id) => queue.where('eventId').equals(id).primaryKeys()))
  const places = new Map<EventId, number>()
  found.forEach(([order], at) => order !== undefined && places.set(ids[at]!, order))
  return places
}

/**
 * Takes out those that come first in the queue, as the events of a batch nearly always do: two
 * requests for all of them. Gives those that were not among the first.
 */
async function dequeueFirst(
  queue: Tables['queue'],
  ids: readonly EventId[],
): Promise<readonly EventId[]> {
  const gone = new Set(ids)
  const first = await queue.orderBy('order').limit(gone.size).toArray()
  const stays = first.findIndex((row) => !gone.has(row.eventId))
  const taken = stays < 0 ? first : first.slice(0, stays)
  const last = taken.at(-1)
  if (last) await queue.where('order').belowOrEqual(last.order!).delete()
  for (const row of taken) gone.delete(row.eventId)
  // A queue that was read to its end has no others of them.
  return stays < 0 && first.length < ids.length ? [] : [...gone]
}

const inOrderMade = (rows: LocalEvent[]): LocalEvent[] =>
  rows.sort((a, b) => (a.event.hlc < b.event.hlc ? -1 : 1))

type Writes = Omit<WriteTransaction, keyof ReadTransaction>

function writes(tables: Tables): Writes {
  const { device, pipelines, snapshots, events, queue, refused } = tables
  return {
    putDevice: async (row) => void (await device.put({ ...row, key: 'device' })),
    putPipeline: async (record) => void (await pipelines.put(record)),
    putSnapshot: async (record) => void (await snapshots.put(record)),
    async putEvents(rows) {
      if (rows.length > 0) await events.bulkPut([...rows])
    },
    async deleteEvents(ids) {
      if (ids.length > 0) await events.bulkDelete([...ids])
    },
    async enqueue(entries) {
      if (entries.length === 0) return
      const places = await placesOf(
        queue,
        entries.map((entry) => entry.eventId),
      )
      await queue.bulkPut(
        entries.map((entry) => {
          const order = places.get(entry.eventId)
          return order === undefined ? { ...entry } : { ...entry, order }
        }),
      )
    },
    async dequeue(ids) {
      if (ids.length === 0) return
      const rest = await dequeueFirst(queue, ids)
      if (rest.length === 0) return
      const places = await placesOf(queue, rest)
      await queue.bulkDelete([...places.values()])
    },
    putRefused: async (edits) =>
      void (await refused.bulkPut(edits.map((edit) => ({ ...edit, id: edit.event.id })))),
    async deleteRefused(ids) {
      // Asked for with everything that comes from the server, and nearly always there is none.
      if ((await refused.count()) > 0) await refused.bulkDelete([...ids] as EventId[])
    },
    async erasePipeline(id) {
      await pipelines.delete(id)
      await snapshots.delete(id)
      await events.where('[pipelineId+revision]').between([id, 0], [id, MAX], true, true).delete()
      await ofPipeline(queue, id).delete()
    },
  }
}
