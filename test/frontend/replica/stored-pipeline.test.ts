import { expect } from 'chai'
import type { PipelineEvent, StoredEvent } from '../../../domain/events/event.ts'
import type { EventId, ReplicaId, Revision } from '../../../domain/ids.ts'
import type { LocalStore } from '../../../frontend/replica/local-store.ts'
import {
  confirmedEvent,
  localEvent,
  newRecord,
  pendingEvents,
  queueEntry,
  storeServerEvents,
} from '../../../frontend/replica/stored-pipeline.ts'
import { createMemoryStore } from '../../../frontend/storage/memory-store.ts'
import { PIPELINE } from '../../domain/pipeline/histories.ts'
import { Peer } from '../../domain/pipeline/peer.ts'
import { EVENTS_START_MS, namedUuid } from '../../support/events.ts'

const COPY = 'copy00000000' as ReplicaId
const ports = { now: () => EVENTS_START_MS, newReplicaId: () => 'fresh0000000' as ReplicaId }

describe('storing what comes from the server, of a device whose edits wait', () => {
  let store: LocalStore
  let ann: Peer, ben: Peer

  beforeEach(async () => {
    store = createMemoryStore()
    ann = new Peer('ann').begin('a')
    ben = new Peer('ben').hear(ann)
    await store.write(async (tx) => {
      await tx.putDevice({ replicaId: ben.replicaId, epoch: 3, clockOffset: 0 })
      await tx.putEvents(stored(ann.seen, 1).map(confirmedEvent))
      const revision = ann.seen.length as Revision
      await tx.putPipeline({ ...newRecord(PIPELINE), revision, onServer: true })
    })
  })

  const stored = (events: readonly PipelineEvent[], first = ann.seen.length + 1) =>
    events.map((event, i): StoredEvent<PipelineEvent> => {
      const revision = (first + i) as Revision
      const position = revision as never
      return { revision, position, recordedAt: '', prevHash: '', hash: '', event }
    })

  const edit = async (...events: readonly PipelineEvent[]) =>
    store.write(async (tx) => {
      await tx.putEvents(events.map(localEvent))
      await tx.enqueue(events.map((event) => queueEntry(event, EVENTS_START_MS)))
    })

  const take = (...events: readonly PipelineEvent[]) =>
    store.write(async (tx) =>
      storeServerEvents(tx, (await tx.device())!, PIPELINE, stored(events), ports),
    )
  const pending = () => store.read((tx) => pendingEvents(tx, PIPELINE))
  const device = () => store.read((tx) => tx.device())

  it('takes what was accepted as it is here out of the queue, and changes nothing else', async () => {
    const [first, second] = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
    await edit(first, second)
    expect(await take(first)).to.include({ kind: 'stored' })
    expect(await pending()).to.deep.equal([second])
    expect(await device()).to.include({ epoch: 3 })
  })

  it('stores nothing that goes on in another history than the one that is here', async () => {
    const [first, second] = [ann.setTimeout('a', 1), ann.setTimeout('a', 2)]
    await take(first)
    await store.write(async (tx) => {
      await tx.putPipeline({ ...(await tx.pipeline(PIPELINE))!, hash: 'another' })
    })
    expect(await take(second)).to.deep.equal({ kind: 'gap' })
    const ids = await store.read(async (tx) => (await tx.events([second.id])).length)
    expect(ids).to.equal(0)
  })

  it('gives another id to what waits under one that it has left, where a copy took its number', async () => {
    const [first, second] = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
    await edit(first, second)
    await store.write(async (tx) => {
      const record = (await tx.pipeline(PIPELINE))!
      await tx.putPipeline({ ...record, replicaId: COPY, formerReplicaIds: [] })
    })
    const theirs = { ...first, id: namedUuid('theirs') as EventId }
    expect(await take(theirs)).to.include({ kind: 'changed' })
    const moved = await pending()
    expect(moved.map(({ id, seq }) => [id, seq])).to.deep.equal([
      [first.id, 1],
      [second.id, 2],
    ])
    const to = ports.newReplicaId()
    expect(moved.map(({ replicaId }) => replicaId)).to.deep.equal([to, to])
    const record = (await store.read((tx) => tx.pipeline(PIPELINE)))!
    // It goes on writing as before, and knows the new id for its own.
    expect(record).to.deep.include({ replicaId: COPY, formerReplicaIds: [to], generation: 1 })
  })

  it('closes the gap of what a copy of it has sent under other numbers', async () => {
    const [first, step, last] = [ben.setTimeout('a', 1), ben.addStep('b'), ben.setTimeout('b', 2)]
    await edit(first, step, last)
    const theirs = { ...step, replicaId: COPY, seq: 1, clock: { ...ann.seen[0]!.clock, [COPY]: 1 } }
    expect(await take(theirs)).to.include({ kind: 'changed' })
    const [one, two, ...none] = await pending()
    expect([one, none]).to.deep.equal([first, []])
    // It has seen the step that it is about, by the number under which that was accepted.
    expect(two).to.deep.equal({
      ...last,
      seq: 2,
      clock: { ...last.clock, [ben.replicaId]: 2, [COPY]: 1 },
    })
    expect(await device()).to.include({ epoch: 4 })
  })
})
