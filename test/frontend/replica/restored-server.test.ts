import { expect } from 'chai'
import type { PipelineEvent, StoredEvent } from '../../../domain/events/event.ts'
import type { ReplicaId, Revision } from '../../../domain/ids.ts'
import { takeSnapshot } from '../../../domain/pipeline/snapshot.ts'
import type { LocalStore } from '../../../frontend/replica/local-store.ts'
import {
  acknowledgedAndLost,
  adoptOtherHistory,
  queueUnconfirmed,
} from '../../../frontend/replica/restored-server.ts'
import {
  confirmedEvent,
  loadPipeline,
  localEvent,
  newRecord,
  queueEntry,
  storeServerEvents,
} from '../../../frontend/replica/stored-pipeline.ts'
import { createMemoryStore } from '../../../frontend/storage/memory-store.ts'
import { PIPELINE } from '../../domain/pipeline/histories.ts'
import { folded, Peer } from '../../domain/pipeline/peer.ts'
import { EVENTS_START_MS } from '../../support/events.ts'

const FRESH = 'fresh0000000' as ReplicaId

describe('a device whose server was restored from a backup', () => {
  let store: LocalStore
  let ann: Peer
  /** A copy of the device of ben, made before anything that the stories tell. */
  let ben: Peer, twin: Peer
  let minted: number
  const ports = {
    now: () => EVENTS_START_MS,
    newReplicaId: () => (minted++ ? (`fresh000000${minted}` as ReplicaId) : FRESH),
  }

  beforeEach(async () => {
    minted = 0
    store = createMemoryStore()
    ann = new Peer('ann').begin('a', 'b')
    ben = new Peer('ben').hear(ann)
    twin = new Peer('ben').hear(ann)
    twin.now += 500
    await store.write((tx) => tx.putDevice({ replicaId: ben.replicaId, epoch: 3, clockOffset: 0 }))
    await confirm(ann.seen)
  })

  const stored = (events: readonly PipelineEvent[], first: number) =>
    events.map((event, i): StoredEvent<PipelineEvent> => {
      const revision = (first + i) as Revision
      const position = revision as never
      return { revision, position, recordedAt: '', prevHash: 'hash', hash: 'hash', event }
    })

  /** The device has these of the server, from the first revision on. */
  const confirm = (events: readonly PipelineEvent[]) =>
    store.write(async (tx) => {
      await tx.putEvents(stored(events, 1).map(confirmedEvent))
      const revision = events.length as Revision
      await tx.putPipeline({ ...newRecord(PIPELINE), revision, hash: 'hash', onServer: true })
    })

  /** The device made these; the last so many of them wait in the queue. */
  const make = (events: readonly PipelineEvent[], waiting: number) =>
    store.write(async (tx) => {
      await tx.putEvents(events.map(localEvent))
      const last = events.slice(events.length - waiting)
      await tx.enqueue(last.map((event) => queueEntry(event, EVENTS_START_MS)))
    })

  const takeUp = (server: readonly PipelineEvent[]) =>
    store.write((tx) => {
      const revision = server.length as Revision
      const snapshot = { state: takeSnapshot(folded(server)), revision, hash: 'other' }
      const ids = new Set(server.map(({ id }) => id))
      return adoptOtherHistory(tx, PIPELINE, { snapshot, ids }, ports)
    })

  const queued = () =>
    store.read(async (tx) => {
      const entries = await tx.queue(Infinity)
      const rows = await tx.events(entries.map(({ eventId }) => eventId))
      return rows.map(({ event }) => event)
    })
  const dots = (events: readonly PipelineEvent[]) =>
    events.map(({ id, replicaId, seq }) => [id, replicaId, seq])

  it('sends again what it made and the server lacks, in the order it was made', async () => {
    const before = [...ann.seen]
    const [first, second, third] = [1, 2, 3].map((n) => ben.setTimeout('a', n))
    await confirm([...before, first!, second!])
    await make([third!], 1)
    await takeUp([...before, first!])
    expect(dots(await queued())).to.deep.equal(dots([second!, third!]))
  })

  it('sends nothing that the server has, whether its answer had come or not', async () => {
    const made = [1, 2, 3].map((n) => ben.setTimeout('a', n))
    await make(made, 2)
    await takeUp([...ann.seen, ...made.slice(0, 2)])
    expect(dots(await queued())).to.deep.equal(dots(made.slice(2)))
    expect(await store.read((tx) => tx.acknowledged(PIPELINE))).to.deep.equal([])
  })

  it('goes on under another replica id, where a copy of it has taken its number', async () => {
    const [accepted, waiting] = [ben.setTimeout('a', 1), ben.setTimeout('b', 2)]
    await confirm([...ann.seen, accepted])
    await make([waiting], 1)
    const server = [...ann.seen, twin.setTimeout('a', 9)]
    await takeUp(server)
    expect(dots(await queued())).to.deep.equal([
      [accepted.id, FRESH, 1],
      [waiting.id, FRESH, 2],
    ])
    const record = await store.read((tx) => tx.pipeline(PIPELINE))
    expect(record).to.include({ replicaId: FRESH, revision: server.length })
    // It is shown at once, beside what the copy wrote.
    const loaded = await store.read((tx) => loadPipeline(tx, PIPELINE))
    expect(loaded)
      .to.have.nested.property('state.replicas')
      .that.has.keys(...[ann.replicaId, ben.replicaId, FRESH])
  })

  it('keeps the id of what it writes next, where the number was that of a former one', async () => {
    const accepted = ben.setTimeout('a', 1)
    await confirm([...ann.seen, accepted])
    const current = 'current00000' as ReplicaId
    await store.write(async (tx) => {
      await tx.putPipeline({ ...(await tx.pipeline(PIPELINE))!, replicaId: current })
    })
    await takeUp([...ann.seen, twin.setTimeout('a', 9)])
    expect(dots(await queued())).to.deep.equal([[accepted.id, FRESH, 1]])
    const record = await store.read((tx) => tx.pipeline(PIPELINE))
    expect(record).to.deep.include({ replicaId: current, formerReplicaIds: [FRESH] })
  })

  it('lets no push that is still under way be answered for the new numbers', async () => {
    await takeUp(ann.seen)
    expect(await store.read((tx) => tx.device())).to.include({ epoch: 4 })
  })

  it('sends again what was acknowledged and has not come back, before what was made after', async () => {
    const made = [1, 2, 3].map((n) => ben.setTimeout('a', n))
    await make(made, 1)
    const vector = { [ann.replicaId]: 3, [ben.replicaId]: 1 }
    const lost = await store.read((tx) => acknowledgedAndLost(tx, PIPELINE, vector))
    expect(lost.map(({ event }) => event)).to.deep.equal([made[1]])
    expect(
      await store.write((tx) => queueUnconfirmed(tx, PIPELINE, vector, EVENTS_START_MS)),
    ).to.equal(true)
    expect(await queued()).to.deep.equal(made.slice(1))
  })

  it('sends again what was acknowledged, where an event of a copy comes in its place', async () => {
    const made = [1, 2].map((n) => ben.setTimeout('a', n))
    await make(made, 1)
    const [other] = stored([twin.setTimeout('b', 9)], ann.seen.length + 1)
    const outcome = await store.write(async (tx) =>
      storeServerEvents(tx, (await tx.device())!, PIPELINE, [other!], ports),
    )
    expect(outcome.kind).to.equal('changed')
    expect(dots(await queued())).to.deep.equal([
      [made[0]!.id, FRESH, 1],
      [made[1]!.id, FRESH, 2],
    ])
  })
})
