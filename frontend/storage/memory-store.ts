/** The device's copy in memory: where IndexedDB is refused, and where tests and simulations run. */
import type { EventId, PipelineId } from '../../domain/ids.ts'
import type { RefusedEdit } from '../replica/replica.ts'
import type {
  Device,
  LocalEvent,
  LocalStore,
  PipelineRecord,
  QueueEntry,
  ReadTransaction,
  SnapshotRecord,
  WriteTransaction,
} from '../replica/local-store.ts'

interface Content {
  device: Device | null
  pipelines: Map<PipelineId, PipelineRecord>
  snapshots: Map<PipelineId, SnapshotRecord>
  events: Map<EventId, LocalEvent>
  /** In queue order: a Map keeps the place of a key that is set again. */
  queue: Map<EventId, QueueEntry>
  refused: Map<string, RefusedEdit>
}

const empty = (): Content => ({
  device: null,
  pipelines: new Map(),
  snapshots: new Map(),
  events: new Map(),
  queue: new Map(),
  refused: new Map(),
})

const copyOf = (content: Content): Content => ({
  device: content.device,
  pipelines: new Map(content.pipelines),
  snapshots: new Map(content.snapshots),
  events: new Map(content.events),
  queue: new Map(content.queue),
  refused: new Map(content.refused),
})

export function createMemoryStore(): LocalStore {
  let content = empty()
  let turn: Promise<unknown> = Promise.resolve()

  /** One transaction after the other; a failed one leaves nothing behind. */
  function inTurn<T>(work: (draft: Content) => Promise<T>, keep: boolean): Promise<T> {
    const run = turn.then(async () => {
      const draft = keep ? copyOf(content) : content
      const result = await work(draft)
      if (keep) content = draft
      return result
    })
    turn = run.catch(() => undefined)
    return run
  }

  return {
    durable: false,
    read: (work) => inTurn((draft) => work(reads(draft)), false),
    write: (work) => inTurn((draft) => work({ ...reads(draft), ...writes(draft) }), true),
    close: () => undefined,
  }
}

function reads(content: Content): ReadTransaction {
  const ofPipeline = (id: PipelineId) =>
    [...content.events.values()].filter((row) => row.pipelineId === id)
  const queued = (id?: PipelineId) =>
    [...content.queue.values()].filter((entry) => id === undefined || entry.pipelineId === id)
  const unconfirmed = (id: PipelineId) =>
    ofPipeline(id)
      .filter((row) => row.revision === 0)
      .sort((a, b) => (a.event.hlc < b.event.hlc ? -1 : 1))
  return {
    device: async () => content.device,
    pipeline: async (id) => content.pipelines.get(id) ?? null,
    pipelines: async () => [...content.pipelines.values()],
    snapshot: async (id) => content.snapshots.get(id) ?? null,
    confirmed: async (id, after) =>
      ofPipeline(id)
        .filter((row) => row.revision > after)
        .sort((a, b) => a.revision - b.revision),
    unconfirmed: async (id) => unconfirmed(id),
    acknowledged: async (id) => unconfirmed(id).filter((row) => !content.queue.has(row.id)),
    ofReplica: async (id, replicaId, after, limit) =>
      ofPipeline(id)
        .filter((row) => row.replicaId === replicaId && row.seq > after)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit),
    queue: async (limit, id) => queued(id).slice(0, limit),
    events: async (ids) =>
      ids.map((id) => content.events.get(id)).filter((row) => row !== undefined),
    queueLength: async (id) => queued(id).length,
    async queueSize() {
      const entries = [...content.queue.values()]
      return { events: entries.length, gestures: new Set(entries.map((e) => e.intentId)).size }
    },
    async gesturesByPipeline() {
      const intents = new Map(queued().map((entry) => [entry.intentId, entry.pipelineId]))
      const counts = new Map<PipelineId, number>()
      for (const id of intents.values()) counts.set(id, (counts.get(id) ?? 0) + 1)
      return counts
    },
    refused: async () => [...content.refused.values()],
  }
}

function writes(content: Content): Omit<WriteTransaction, keyof ReadTransaction> {
  return {
    async putDevice(device) {
      content.device = device
    },
    putPipeline: async (record) => void content.pipelines.set(record.id, record),
    putSnapshot: async (record) => void content.snapshots.set(record.pipelineId, record),
    async putEvents(rows) {
      for (const row of rows) content.events.set(row.id, row)
    },
    async deleteEvents(ids) {
      for (const id of ids) content.events.delete(id)
    },
    async enqueue(entries) {
      for (const entry of entries) content.queue.set(entry.eventId, entry)
    },
    async dequeue(ids) {
      for (const id of ids) content.queue.delete(id)
    },
    async putRefused(edits) {
      for (const edit of edits) content.refused.set(edit.event.id, edit)
    },
    async deleteRefused(ids) {
      for (const id of ids) content.refused.delete(id)
    },
    async erasePipeline(id) {
      content.pipelines.delete(id)
      content.snapshots.delete(id)
      for (const row of content.events.values()) {
        if (row.pipelineId === id) content.events.delete(row.id)
      }
      for (const entry of content.queue.values()) {
        if (entry.pipelineId === id) content.queue.delete(entry.eventId)
      }
    },
  }
}
