/** A device's storage: it outlives its tabs, is slow, and may be full. */
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { EventId, IntentId, PipelineId, Revision } from '../../domain/ids.ts'
import {
  StorageFailed,
  type LocalEvent,
  type LocalStore,
  type WriteTransaction,
} from '../../frontend/replica/local-store.ts'
import { createMemoryStore } from '../../frontend/storage/memory-store.ts'
import type { Life } from './life.ts'
import { delay, strikes, type World } from './world.ts'

const SLOWEST_MS = 15
/** So many edits that wait are many. */
const MANY = 200

export class Disk {
  readonly #world: World
  /** What is really there, without delays and faults. */
  readonly content: LocalStore = createMemoryStore()
  /** Transactions that some tab waits for. */
  underWay = 0
  /** All that any tab ever asked for. */
  transactions = 0
  /** The events of each gesture as they were stored when it was made. */
  readonly gestures = new Map<IntentId, readonly PipelineEvent[]>()

  constructor(world: World) {
    this.#world = world
  }

  /** The store as one tab sees it. @param kill ends that tab as a crash would */
  openFor(life: Life, kill: () => void): LocalStore {
    const world = this.#world
    const through = async <T>(work: () => Promise<T>, isWrite: boolean): Promise<T> => {
      this.underWay += 1
      this.transactions += 1
      let isOver = false
      const over = () => {
        if (!isOver) this.underWay -= 1
        isOver = true
      }
      life.onEnd(over)
      try {
        await delay(world, SLOWEST_MS)
        await life.pass()
        if (isWrite && strikes(world, 'killedWriting')) kill()
        await life.pass()
        if (isWrite && strikes(world, 'quota')) throw new StorageFailed('There is no space left.')
        const result = await work()
        if (isWrite && strikes(world, 'killedWriting')) kill()
        await life.pass()
        return result
      } finally {
        over()
      }
    }
    return {
      durable: true,
      read: (work) => through(() => this.content.read(work), false),
      write: (work) =>
        through(async () => {
          const noted: Noted = { queued: [], made: [], refused: 0 }
          const result = await this.content.write((tx) => work(watched(tx, noted)))
          world.witness.made(this, noted.queued)
          this.#rememberGestures(noted.made)
          if (noted.refused >= MANY) world.witness.happens('all refused')
          return result
        }, true),
      close: () => undefined,
    }
  }

  /** What is stored once more, under other numbers, is no gesture. */
  #rememberGestures(made: readonly PipelineEvent[]): void {
    const fresh = made.filter(({ intentId }) => !this.gestures.has(intentId))
    for (const { intentId } of fresh) {
      this.gestures.set(
        intentId,
        fresh.filter((event) => event.intentId === intentId),
      )
    }
  }

  /** Every event of a pipeline that is on the device. */
  events(id: PipelineId): Promise<readonly LocalEvent[]> {
    return this.content.read(async (tx) => [
      ...(await tx.confirmed(id, 0 as Revision)),
      ...(await tx.unconfirmed(id)),
    ])
  }

  /** A disk with the same content, as a restored backup of a whole device has. */
  async copy(): Promise<Disk> {
    const disk = new Disk(this.#world)
    await this.content.read(async (from) => {
      const device = await from.device()
      const records = await from.pipelines()
      const queue = await from.queue(Infinity)
      const refused = await from.refused()
      const parts = await Promise.all(
        records.map(async (record) => ({
          record,
          snapshot: await from.snapshot(record.id),
          events: [
            ...(await from.confirmed(record.id, 0 as Revision)),
            ...(await from.unconfirmed(record.id)),
          ],
        })),
      )
      await disk.content.write(async (to) => {
        if (device) await to.putDevice(device)
        for (const { record, snapshot, events } of parts) {
          await to.putPipeline(record)
          if (snapshot) await to.putSnapshot(snapshot)
          await to.putEvents(events)
        }
        await to.enqueue(queue)
        await to.putRefused(refused)
      })
    })
    return disk
  }
}

/** What a write did, once it is certain that it did. */
interface Noted {
  /** Put into the queue: those are the edits that the person was told are kept. */
  readonly queued: EventId[]
  readonly made: PipelineEvent[]
  refused: number
}

function watched(tx: WriteTransaction, noted: Noted): WriteTransaction {
  return {
    ...tx,
    async putEvents(rows) {
      noted.made.push(...rows.filter((row) => row.revision === 0).map((row) => row.event))
      await tx.putEvents(rows)
    },
    async enqueue(entries) {
      noted.queued.push(...entries.map((entry) => entry.eventId))
      await tx.enqueue(entries)
    },
    async putRefused(edits) {
      noted.refused += edits.length
      await tx.putRefused(edits)
    },
  }
}
