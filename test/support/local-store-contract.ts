/** What every store of the device's copy keeps, as one suite that each of them runs. */
import { expect } from 'chai'
import { HLC_ZERO } from '../../domain/clock/hlc.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { EventId, PipelineId, ReplicaId, Revision } from '../../domain/ids.ts'
import { takeSnapshot } from '../../domain/pipeline/snapshot.ts'
import { initialState } from '../../domain/pipeline/state.ts'
import type {
  LocalEvent,
  LocalStore,
  PipelineRecord,
  QueueEntry,
} from '../../frontend/replica/local-store.ts'
import { namedUuid, pipelineEvent } from './events.ts'

export interface OpenStore {
  readonly store: LocalStore
  /** Another handle on the same data, as another tab has one. */
  anotherTab(): Promise<LocalStore>
  close(): Promise<void>
}

const ONE = namedUuid('pipeline', 1) as PipelineId
const TWO = namedUuid('pipeline', 2) as PipelineId
const MINE = 'mine00000000' as ReplicaId
const THEIRS = 'theirs000000' as ReplicaId
const at = (revision: number) => revision as Revision
/** Events and gestures that wait of each pipeline, and that they are those that wait in all. */
const waitingIn = (store: LocalStore) =>
  store.read(async (tx) => {
    const counts: [PipelineId, number, number][] = []
    for (const [id, gestures] of await tx.gesturesByPipeline()) {
      counts.push([id, await tx.queueLength(id), gestures])
    }
    expect(counts.reduce((sum, [, events]) => sum + events, 0)).to.equal(await tx.queueLength())
    return counts.sort(([a], [b]) => (a < b ? -1 : 1))
  })

function row(given: Partial<PipelineEvent> & { revision?: number }): LocalEvent {
  const { revision = 0, ...rest } = given
  const event = pipelineEvent({ pipelineId: ONE, replicaId: MINE, ...rest })
  const { id, pipelineId, replicaId, seq } = event
  const recordedAt = revision ? '2025-11-25T12:00:00.000Z' : ''
  return { id, pipelineId, replicaId, seq, revision: at(revision), recordedAt, event }
}

function entry({ id, event, pipelineId }: LocalEvent, retries = 0): QueueEntry {
  return { eventId: id, pipelineId, intentId: event.intentId, queuedAt: 7, retries }
}

function record(id: PipelineId, more: Partial<PipelineRecord> = {}): PipelineRecord {
  return {
    id,
    name: 'Orders',
    teamId: null,
    role: null,
    revision: at(0),
    hash: null,
    greatestHlc: HLC_ZERO,
    onServer: false,
    generation: 0,
    ...more,
  }
}

const idsOf = (rows: readonly { readonly id: EventId }[]) => rows.map(({ id }) => id)
const seqsOf = (rows: readonly { readonly seq: number }[]) => rows.map(({ seq }) => seq)
const queuedIn = (store: LocalStore, limit = Infinity, id?: PipelineId) =>
  store.read(async (tx) => (await tx.queue(limit, id)).map(({ eventId }) => eventId))

export function describeLocalStore(name: string, open: () => Promise<OpenStore>): void {
  describe(`the device's store: ${name}`, () => {
    let opened: OpenStore
    let store: LocalStore
    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(() => opened.close())

    const current = () => opened
    describeRecords(() => store)
    describeEvents(() => store)
    describeQueue(() => store)
    describeTransactions(() => store)
    describeTabs(current)
  })
}

function describeRecords(store: () => LocalStore): void {
  describe('that is new', () => {
    it('holds nothing', async () => {
      await store().read(async (tx) => {
        expect(await tx.device()).to.equal(null)
        expect(await tx.pipeline(ONE)).to.equal(null)
        expect(await tx.pipelines()).to.deep.equal([])
        expect(await tx.snapshot(ONE)).to.equal(null)
        expect(await tx.confirmed(ONE, at(0))).to.deep.equal([])
        expect(await tx.unconfirmed(ONE)).to.deep.equal([])
        expect(await tx.ofReplica(ONE, MINE, 0)).to.deep.equal([])
        expect(await tx.queue(10)).to.deep.equal([])
        expect(await tx.queueSize()).to.deep.equal({ events: 0, gestures: 0 })
        expect(await tx.refused()).to.deep.equal([])
      })
    })
  })

  describe('that is given records', () => {
    it('gives back the device as it was last put', async () => {
      const device = { replicaId: MINE, epoch: 3, clockOffset: -5 }
      await store().write((tx) => tx.putDevice({ ...device, epoch: 2 }))
      await store().write((tx) => tx.putDevice(device))
      expect(await store().read((tx) => tx.device())).to.deep.equal(device)
    })

    it('gives back pipelines and snapshots, each as it was last put', async () => {
      const mine = record(ONE, { replicaId: MINE, revision: at(4), hash: 'h', onServer: true })
      const snapshot = takeSnapshot(initialState(ONE))
      await store().write(async (tx) => {
        await tx.putPipeline(record(ONE))
        await tx.putPipeline(record(TWO))
        await tx.putPipeline(mine)
        await tx.putSnapshot({ pipelineId: ONE, revision: at(1), snapshot })
        await tx.putSnapshot({ pipelineId: ONE, revision: at(4), snapshot })
      })
      await store().read(async (tx) => {
        expect(await tx.pipeline(ONE)).to.deep.equal(mine)
        expect(await tx.pipelines()).to.have.deep.members([mine, record(TWO)])
        expect(await tx.snapshot(ONE)).to.deep.equal({ pipelineId: ONE, revision: 4, snapshot })
        expect(await tx.snapshot(TWO)).to.equal(null)
      })
    })

    it('keeps refused edits until they are dismissed, each once', async () => {
      const edits = [1, 2, 3].map((seq) => ({
        event: row({ seq }).event,
        code: 'forbidden',
        message: 'No.',
        at: seq,
      }))
      await store().write((tx) => tx.putRefused(edits))
      await store().write((tx) => tx.putRefused(edits.slice(0, 1)))
      expect(await store().read((tx) => tx.refused())).to.have.deep.members(edits)
      await store().write((tx) => tx.deleteRefused([edits[1]!.event.id, 'no such']))
      const left = await store().read((tx) => tx.refused())
      expect(left).to.have.deep.members([edits[0], edits[2]])
    })
  })
}

function describeEvents(store: () => LocalStore): void {
  describe('that is given events', () => {
    const confirmed = [3, 1, 2, 10].map((revision) =>
      row({ replicaId: THEIRS, seq: revision, revision }),
    )
    const mine = [2, 10, 1].map((seq) => row({ seq }))
    const elsewhere = [
      row({ pipelineId: TWO, seq: 1 }),
      row({ pipelineId: TWO, seq: 2, revision: 1 }),
    ]

    beforeEach(() => store().write((tx) => tx.putEvents([...confirmed, ...mine, ...elsewhere])))

    it('gives the confirmed ones after a revision, by revision', async () => {
      await store().read(async (tx) => {
        expect((await tx.confirmed(ONE, at(0))).map((r) => r.revision)).to.deep.equal([1, 2, 3, 10])
        expect((await tx.confirmed(ONE, at(2))).map((r) => r.revision)).to.deep.equal([3, 10])
        expect(await tx.confirmed(ONE, at(10))).to.deep.equal([])
        expect(await tx.confirmed(TWO, at(0))).to.deep.equal([elsewhere[1]])
        expect((await tx.confirmed(ONE, at(9)))[0]).to.deep.equal(confirmed[3])
      })
    })

    it('gives the unconfirmed ones in the order they were made', async () => {
      await store().read(async (tx) => {
        expect(seqsOf(await tx.unconfirmed(ONE))).to.deep.equal([1, 2, 10])
        expect(await tx.unconfirmed(TWO)).to.deep.equal([elsewhere[0]])
      })
    })

    it('gives those of them that do not wait in the queue', async () => {
      await store().write((tx) => tx.enqueue([...mine, elsewhere[0]!].map((one) => entry(one))))
      expect(await store().read((tx) => tx.acknowledged(ONE))).to.deep.equal([])
      await store().write((tx) => tx.dequeue([mine[1]!.id, mine[2]!.id]))
      expect(await store().read((tx) => tx.acknowledged(ONE))).to.deep.equal([mine[2], mine[1]])
      expect(await store().read((tx) => tx.acknowledged(TWO))).to.deep.equal([])
    })

    it('gives those of one replica after a number, by number, confirmed or not', async () => {
      await store().write((tx) => tx.putEvents([{ ...mine[0]!, revision: at(11) }]))
      await store().read(async (tx) => {
        expect(seqsOf(await tx.ofReplica(ONE, MINE, 0))).to.deep.equal([1, 2, 10])
        expect(seqsOf(await tx.ofReplica(ONE, MINE, 1))).to.deep.equal([2, 10])
        expect(seqsOf(await tx.ofReplica(ONE, MINE, 0, 2))).to.deep.equal([1, 2])
        expect(seqsOf(await tx.ofReplica(ONE, THEIRS, 2))).to.deep.equal([3, 10])
        expect(await tx.ofReplica(ONE, MINE, 10)).to.deep.equal([])
      })
    })

    it('replaces an event that is put again, under its new place too', async () => {
      const renumbered = { ...mine[0]!, seq: 5, revision: at(4), replicaId: THEIRS }
      await store().write((tx) => tx.putEvents([renumbered]))
      await store().read(async (tx) => {
        expect(seqsOf(await tx.unconfirmed(ONE))).to.deep.equal([1, 10])
        expect(await tx.events([renumbered.id])).to.deep.equal([renumbered])
        expect(seqsOf(await tx.ofReplica(ONE, MINE, 0))).to.deep.equal([1, 10])
        expect(seqsOf(await tx.ofReplica(ONE, THEIRS, 3))).to.deep.equal([5, 10])
      })
    })

    it('gives events by id in the order asked for, without those that are not here', async () => {
      const ids = [mine[1]!.id, namedUuid('no such') as EventId, elsewhere[0]!.id]
      const found = await store().read((tx) => tx.events(ids))
      expect(idsOf(found)).to.deep.equal([mine[1]!.id, elsewhere[0]!.id])
    })

    it('forgets events that are deleted, and no others', async () => {
      await store().write((tx) => tx.deleteEvents([mine[0]!.id, namedUuid('no such') as EventId]))
      expect(seqsOf(await store().read((tx) => tx.unconfirmed(ONE)))).to.deep.equal([1, 10])
    })

    it('takes no event, no id and no entry for what they are', async () => {
      await store().write(async (tx) => {
        await tx.putEvents([])
        await tx.deleteEvents([])
        await tx.enqueue([])
        await tx.dequeue([])
        await tx.putRefused([])
        await tx.deleteRefused([])
        expect(await tx.events([])).to.deep.equal([])
      })
      expect(await store().read((tx) => tx.unconfirmed(ONE))).to.have.length(3)
    })

    it('erases a pipeline with its events, snapshot and queue, and nothing else', async () => {
      const snapshot = takeSnapshot(initialState(ONE))
      const refused = { event: mine[0]!.event, code: 'forbidden', message: 'No.', at: 1 }
      await store().write(async (tx) => {
        for (const id of [ONE, TWO]) {
          await tx.putPipeline(record(id))
          await tx.putSnapshot({ pipelineId: id, revision: at(1), snapshot })
        }
        await tx.enqueue([...mine, elsewhere[0]!].map((one) => entry(one)))
        await tx.putRefused([refused])
      })
      await store().write((tx) => tx.erasePipeline(ONE))
      await store().read(async (tx) => {
        expect(await tx.pipelines()).to.deep.equal([record(TWO)])
        expect(await tx.snapshot(ONE)).to.equal(null)
        expect(await tx.confirmed(ONE, at(0))).to.deep.equal([])
        expect(await tx.unconfirmed(ONE)).to.deep.equal([])
        expect(await tx.ofReplica(ONE, MINE, 0)).to.deep.equal([])
        expect(await tx.events(idsOf(mine))).to.deep.equal([])
        expect(await tx.queue(9)).to.deep.equal([entry(elsewhere[0]!)])
        expect(await tx.snapshot(TWO)).not.to.equal(null)
        expect(await tx.confirmed(TWO, at(0))).to.have.length(1)
        expect(await tx.refused()).to.deep.equal([refused])
      })
    })
  })
}

function describeQueue(store: () => LocalStore): void {
  describe('that is given a queue', () => {
    const rows = [1, 2, 3, 4].map((seq) => row({ seq }))
    const other = row({ pipelineId: TWO, seq: 1 })

    it('gives the oldest first, of all pipelines or of one', async () => {
      await store().write((tx) => tx.enqueue([entry(rows[0]!), entry(rows[1]!)]))
      await store().write((tx) => tx.enqueue([entry(other), entry(rows[2]!)]))
      const ids = idsOf([rows[0]!, rows[1]!, other, rows[2]!])
      expect(await queuedIn(store())).to.deep.equal(ids)
      expect(await queuedIn(store(), 3)).to.deep.equal(ids.slice(0, 3))
      expect(await queuedIn(store(), 2, ONE)).to.deep.equal(idsOf(rows.slice(0, 2)))
      expect(await queuedIn(store(), Infinity, ONE)).to.deep.equal(idsOf(rows.slice(0, 3)))
      expect(await queuedIn(store(), 9, TWO)).to.deep.equal([other.id])
      expect(await store().read((tx) => tx.queue(1))).to.deep.equal([entry(rows[0]!)])
    })

    it('keeps the place of an entry that is put again, with what is new of it', async () => {
      await store().write((tx) => tx.enqueue(rows.map((one) => entry(one))))
      await store().write((tx) => tx.enqueue([entry(rows[3]!), entry(rows[1]!, 5)]))
      expect(await queuedIn(store())).to.deep.equal(idsOf(rows))
      expect((await store().read((tx) => tx.queue(9)))[1]).to.deep.equal(entry(rows[1]!, 5))
    })

    it('puts one that was taken out and comes again at the end', async () => {
      await store().write((tx) => tx.enqueue(rows.map((one) => entry(one))))
      await store().write(async (tx) => {
        await tx.dequeue([rows[0]!.id, rows[2]!.id, namedUuid('no such') as EventId])
        await tx.enqueue([entry(rows[2]!)])
      })
      expect(await queuedIn(store())).to.deep.equal(idsOf([rows[1]!, rows[3]!, rows[2]!]))
    })

    it('counts events, and gestures by their intent', async () => {
      const gesture = rows.slice(0, 3).map((one) => entry(one))
      const intentId = gesture[0]!.intentId
      await store().write((tx) =>
        tx.enqueue([
          ...gesture.map((one) => ({ ...one, intentId })),
          entry(rows[3]!),
          entry(other),
        ]),
      )
      expect(await store().read((tx) => tx.queueSize())).to.deep.equal({ events: 5, gestures: 3 })
      expect(await waitingIn(store())).to.deep.equal([
        [ONE, 4, 2],
        [TWO, 1, 1],
      ])
      await store().write((tx) => tx.dequeue([rows[3]!.id]))
      expect(await store().read((tx) => tx.queueSize())).to.deep.equal({ events: 4, gestures: 2 })
      expect(await waitingIn(store())).to.deep.equal([
        [ONE, 3, 1],
        [TWO, 1, 1],
      ])
    })

    it('takes out what it is told to, wherever in the queue that stands, and nothing else', async () => {
      const many = Array.from({ length: 12 }, (_, n) => row({ seq: n + 1 }))
      const ids = idsOf(many)
      const take = async (...places: number[]) => {
        const absent = namedUuid('never queued') as EventId
        await store().write((tx) => tx.dequeue([...places.map((n) => ids[n]!), absent]))
        const left = await queuedIn(store())
        return left.map((id) => ids.indexOf(id))
      }
      await store().write((tx) => tx.enqueue(many.map((one) => entry(one))))
      expect(await take(0, 1)).to.deep.equal([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
      expect(await take(3, 2, 5, 1)).to.deep.equal([4, 6, 7, 8, 9, 10, 11])
      expect(await take(7, 11)).to.deep.equal([4, 6, 8, 9, 10])
      expect(await take(0, 2, 3, 5)).to.deep.equal([4, 6, 8, 9, 10])
      expect(await take(4, 10, 6, 6)).to.deep.equal([8, 9])
      expect(await take(9, 8)).to.deep.equal([])
    })

    it('holds 10,000 events, and lets them go from the front', async function () {
      this.timeout(120_000)
      const many = Array.from({ length: 10_000 }, (_, n) => row({ seq: n + 1 }))
      await store().write(async (tx) => {
        await tx.putEvents(many)
        await tx.enqueue(many.map((one) => entry(one)))
      })
      const size = await store().read((tx) => tx.queueSize())
      expect(await waitingIn(store())).to.deep.equal([[ONE, 10_000, 10_000]])
      expect(size).to.deep.equal({ events: 10_000, gestures: 10_000 })
      for (let n = 0; n < 300; n += 100) {
        const first = await queuedIn(store(), 100, ONE)
        expect(first).to.deep.equal(idsOf(many.slice(n, n + 100)))
        await store().write((tx) => tx.dequeue(first))
      }
      await store().read(async (tx) => {
        expect(await tx.queue(Infinity)).to.have.length(9_700)
        expect(await tx.ofReplica(ONE, MINE, 9_990)).to.have.length(10)
        expect(await tx.unconfirmed(ONE)).to.have.length(10_000)
      })
    })
  })
}

function describeTransactions(store: () => LocalStore): void {
  describe('that writes', () => {
    const rows = [1, 2, 3].map((seq) => row({ seq }))
    const device = { replicaId: MINE, epoch: 1, clockOffset: 0 }

    it('leaves nothing of a write that throws, and lets the error through', async () => {
      await store().write(async (tx) => {
        await tx.putDevice(device)
        await tx.putPipeline(record(ONE))
        await tx.putEvents(rows.slice(0, 1))
        await tx.enqueue([entry(rows[0]!)])
      })
      const before = await contentOf(store())
      const failure = new Error('the battery died')
      const caught = await store()
        .write(async (tx) => {
          await tx.putDevice({ ...device, epoch: 2 })
          await tx.putPipeline(record(TWO))
          await tx.putEvents(rows)
          await tx.deleteEvents([rows[0]!.id])
          await tx.dequeue([rows[0]!.id])
          await tx.enqueue([entry(rows[1]!)])
          await tx.putRefused([{ event: rows[2]!.event, code: 'x', message: 'x', at: 1 }])
          await tx.erasePipeline(ONE)
          throw failure
        })
        .catch((error: unknown) => error)
      expect(caught).to.equal(failure)
      expect(await contentOf(store())).to.deep.equal(before)
      await store().write((tx) => tx.putEvents(rows))
      expect(await store().read((tx) => tx.unconfirmed(ONE))).to.have.length(3)
    })

    it('reads within a write what that has written', async () => {
      await store().write(async (tx) => {
        await tx.putEvents(rows)
        await tx.enqueue(rows.map((one) => entry(one)))
        await tx.dequeue([rows[0]!.id])
        expect(seqsOf(await tx.unconfirmed(ONE))).to.deep.equal([1, 2, 3])
        expect(await tx.queueSize()).to.deep.equal({ events: 2, gestures: 2 })
      })
    })

    it('gives back what the work gives, from a read and from a write', async () => {
      expect(await store().write(async () => 7)).to.equal(7)
      expect(await store().read(async () => 'x')).to.equal('x')
    })

    it('goes on after a read that throws', async () => {
      const failure = new Error('no')
      const caught = await store()
        .read(async () => {
          throw failure
        })
        .catch((error: unknown) => error)
      expect(caught).to.equal(failure)
      expect(await store().read((tx) => tx.device())).to.equal(null)
    })
  })
}

function describeTabs(opened: () => OpenStore): void {
  describe('that another tab has open too', () => {
    it('shows each what the other has written', async () => {
      const { store, anotherTab } = opened()
      const other = await anotherTab()
      await store.write((tx) => tx.putEvents([row({ seq: 1 })]))
      await other.write((tx) => tx.putEvents([row({ seq: 2 })]))
      for (const tab of [store, other]) {
        expect(seqsOf(await tab.read((tx) => tx.unconfirmed(ONE)))).to.deep.equal([1, 2])
      }
    })

    it('lets no two writes interleave: numbers that are counted up are counted once each', async () => {
      const { store, anotherTab } = opened()
      const other = await anotherTab()
      await store.write((tx) => tx.putDevice({ replicaId: MINE, epoch: 0, clockOffset: 0 }))
      const count = (tab: LocalStore) =>
        tab.write(async (tx) => {
          const device = (await tx.device())!
          const known = await tx.ofReplica(ONE, MINE, 0)
          await tx.putEvents([row({ seq: known.length + 1 })])
          await tx.putDevice({ ...device, epoch: device.epoch + 1 })
        })
      await Promise.all(Array.from({ length: 40 }, (_, n) => count(n % 2 ? store : other)))
      expect((await other.read((tx) => tx.device()))!.epoch).to.equal(40)
      expect(await store.read((tx) => tx.ofReplica(ONE, MINE, 0))).to.have.length(40)
    })
  })
}

/** Everything that the suite's writes touch. */
function contentOf(store: LocalStore): Promise<unknown> {
  return store.read(async (tx) => ({
    device: await tx.device(),
    pipelines: await tx.pipelines(),
    events: [await tx.unconfirmed(ONE), await tx.confirmed(ONE, at(0))],
    queue: await tx.queue(Infinity),
    refused: await tx.refused(),
  }))
}
