import { expect } from 'chai'
import { hlcOf } from '../../../domain/clock/hlc.ts'
import type { PipelineEvent, StoredEvent } from '../../../domain/events/event.ts'
import type { PipelineId, ReplicaId, Revision } from '../../../domain/ids.ts'
import { limits } from '../../../domain/limits.ts'
import type { Code } from '../../../domain/protocol/codes.ts'
import type { PushAnswer, PushMessage } from '../../../domain/protocol/messages.ts'
import type { LocalStore } from '../../../frontend/replica/local-store.ts'
import {
  localEvent,
  newRecord,
  queueEntry,
  storeServerEvents,
} from '../../../frontend/replica/stored-pipeline.ts'
import { Disconnected, type Link } from '../../../frontend/replica/transport.ts'
import { Uploader } from '../../../frontend/replica/uploader.ts'
import { createMemoryStore } from '../../../frontend/storage/memory-store.ts'
import { PIPELINE } from '../../domain/pipeline/histories.ts'
import { Peer, stepId } from '../../domain/pipeline/peer.ts'
import { namedUuid, pipelineEvent } from '../../support/events.ts'

const NOW = 1_764_072_900_000
const NEW_REPLICA = 'fresh0000000' as ReplicaId

/** What the server answers to a push; may do something first, as the world does meanwhile. */
type Answering = (push: PushMessage) => PushAnswer | Promise<PushAnswer>

const accept: Answering = ({ events }) => ({
  ok: true,
  accepted: events.length,
  duplicates: 0,
  head: 9 as Revision,
  vector: {},
})

const stop =
  (code: Code, at = 0, more: object = {}): Answering =>
  () => ({
    ok: false,
    code,
    message: 'No.',
    at,
    accepted: at,
    duplicates: 0,
    head: 3 as Revision,
    vector: {},
    ...more,
  })

describe('uploading', () => {
  let store: LocalStore
  let ann: Peer, ben: Peer
  let pushes: PushMessage[]
  let slept: number[]
  let told: string[]
  let now: number
  let uploader: Uploader

  beforeEach(async () => {
    store = createMemoryStore()
    ;[pushes, slept, told, now] = [[], [], [], NOW]
    ann = new Peer('ann').begin('a', 'b')
    ben = new Peer('ben').hear(ann)
    await store.write(async (tx) => {
      await tx.putDevice({ replicaId: ben.replicaId, epoch: 1, clockOffset: 0 })
      const revision = 3 as Revision
      await tx.putPipeline({ ...newRecord(PIPELINE), revision, onServer: true })
    })
    uploader = newUploader()
  })

  function newUploader(batchSize = 100): Uploader {
    return new Uploader({
      store,
      now: () => now,
      newReplicaId: () => NEW_REPLICA,
      batchSize,
      acknowledged: (_, ids) => void told.push(`acknowledged ${ids.length}`),
      refused: (_, verdicts) => void told.push(`refused ${verdicts.length}`),
      renumbered: () => void told.push('renumbered'),
      sending: () => undefined,
    })
  }

  async function edit(...events: PipelineEvent[]): Promise<PipelineEvent[]> {
    await store.write(async (tx) => {
      await tx.putEvents(events.map(localEvent))
      await tx.enqueue(events.map((event) => queueEntry(event, NOW)))
    })
    return events
  }

  /**
   * Drains over a link that answers in turn as told, and accepts whatever comes after that; waits
   * where there is something to wait for.
   */
  async function drain(...answers: Answering[]): Promise<void> {
    const link = linkWith(answers)
    for (;;) {
      const wait = await uploader.drain(link, new AbortController().signal)
      if (wait === null) return
      slept.push(wait)
      now += wait
    }
  }

  const linkWith = (answers: Answering[]) =>
    ({
      push: async (push: PushMessage) => {
        pushes.push(structuredClone(push))
        return (answers.shift() ?? accept)(push)
      },
      open: async () => opened,
    }) as unknown as Link

  /** What a link that is asked to open the pipeline answers. */
  let opened: object = { ok: false, code: 'not-found' }

  /** What the server sends of its own accord: these events, at the revisions that follow. */
  async function comeBack(events: readonly PipelineEvent[], first = 4): Promise<void> {
    const stored = events.map((event, i): StoredEvent<PipelineEvent> => {
      const revision = (first + i) as Revision
      return {
        revision,
        position: revision as never,
        recordedAt: '',
        prevHash: '',
        hash: '',
        event,
      }
    })
    await store.write(async (tx) =>
      storeServerEvents(tx, (await tx.device())!, PIPELINE, stored, {
        now: () => now,
        newReplicaId: () => NEW_REPLICA,
      }),
    )
  }

  const queued = () =>
    store.read(async (tx) => {
      const entries = await tx.queue(Infinity)
      const rows = await tx.events(entries.map(({ eventId }) => eventId))
      return rows.map(({ event }) => event)
    })
  const refused = () => store.read(async (tx) => (await tx.refused()).map(({ event }) => event.id))
  const device = () => store.read(async (tx) => (await tx.device())!)
  const ids = (events: readonly PipelineEvent[]) => events.map(({ id }) => id)

  it('sends the oldest first, in batches, each with the epoch, until nothing is left', async () => {
    uploader = newUploader(2)
    const events = await edit(...[1, 2, 3, 4, 5].map((n) => ben.setTimeout('a', n)))
    await drain()
    expect(pushes.map((push) => push.events)).to.deep.equal([
      events.slice(0, 2),
      events.slice(2, 4),
      events.slice(4),
    ])
    expect(pushes.map(({ epoch }) => epoch)).to.deep.equal([1, 1, 1])
    expect(await queued()).to.deep.equal([])
    expect(told).to.deep.equal(['acknowledged 2', 'acknowledged 2', 'acknowledged 1'])
  })

  it('keeps a push within what the server takes', async () => {
    const value = 'x'.repeat(200_000)
    const large = Array.from({ length: 12 }, (_, n) =>
      ben.act('StepConfigured', { stepId: stepId('a'), key: `k${n}`, value }),
    )
    uploader = newUploader(1_000)
    await edit(...large, ...Array.from({ length: 150 }, (_, n) => ben.setTimeout('a', n)))
    await drain()
    for (const { events } of pushes) {
      expect(events.length).to.be.at.most(limits.pushEvents)
      expect(Buffer.byteLength(JSON.stringify(events))).to.be.at.most(limits.pushBytes)
    }
    expect(pushes.flatMap(({ events }) => events)).to.have.length(162)
    expect(pushes.length).to.be.at.most(6)
  })

  it('keeps everything when the connection ends before the answer', async () => {
    const events = await edit(ben.setTimeout('a', 1), ben.setTimeout('a', 2))
    const lost: Answering = () => {
      throw new Disconnected()
    }
    const error = await drain(lost).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(Disconnected)
    expect(await queued()).to.deep.equal(events)
  })

  it('counts how often an event was sent in vain', async () => {
    await edit(ben.setTimeout('a', 1), ben.setTimeout('a', 2))
    const lost: Answering = () => {
      throw new Disconnected()
    }
    const retries = () =>
      store.read(async (tx) => (await tx.queue(Infinity)).map((entry) => entry.retries))
    await drain(stop('unavailable', 1), lost).catch(() => undefined)
    expect(await retries()).to.deep.equal([2])
    await drain(lost).catch(() => undefined)
    expect(await retries()).to.deep.equal([3])
  })

  it('waits as long as it is told to, or a second, and sends the same again', async () => {
    const events = await edit(ben.setTimeout('a', 1))
    await drain(stop('rate-limited', 0, { retryAfterMs: 250 }), stop('unavailable'))
    expect(slept).to.deep.equal([250, 1_000])
    expect(pushes.map((push) => push.events)).to.deep.equal([events, events, events])
  })

  it('reads no more of a long queue than it has sent, where an answer changes no event', async () => {
    const { write } = store
    let most = 0
    store = {
      ...store,
      write: (work) =>
        write((tx) =>
          work({
            ...tx,
            async events(of) {
              most = Math.max(most, of.length)
              return tx.events(of)
            },
          }),
        ),
    }
    uploader = newUploader(2)
    await edit(...Array.from({ length: 20 }, (_, n) => ben.setTimeout('a', n)))
    await drain(stop('rate-limited', 1), stop('unavailable'), stop('stale-epoch', 0, { epoch: 9 }))
    expect(most).to.be.at.most(2)
    expect(pushes.at(-1)!.epoch).to.equal(10)
    expect(await queued()).to.deep.equal([])
  })

  it('does not hold up the edits of another pipeline while one has to wait', async () => {
    const other = pipelineEvent({ pipelineId: namedUuid('other') as PipelineId })
    await store.write((tx) => tx.putPipeline(newRecord(other.pipelineId)))
    await edit(ben.setTimeout('a', 1), other)
    await drain(stop('rate-limited', 0, { retryAfterMs: 60_000 }))
    expect(pushes.map((push) => push.pipelineId)).to.deep.equal([
      PIPELINE,
      other.pipelineId,
      PIPELINE,
    ])
    expect(slept).to.deep.equal([60_000])
  })

  it('does not wait for a clock that has been put back', async () => {
    await edit(ben.setTimeout('a', 1))
    const link = linkWith([stop('rate-limited', 0, { retryAfterMs: 60_000 })])
    const { signal } = new AbortController()
    expect(await uploader.drain(link, signal)).to.equal(60_000)
    now -= 3_600_000
    expect(await uploader.drain(link, signal)).to.equal(null)
    expect(await queued()).to.deep.equal([])
  })

  it('is done with a wait once it is over, where what waited has come back meanwhile', async () => {
    const events = await edit(ben.setTimeout('a', 1))
    const link = linkWith([stop('unavailable')])
    const { signal } = new AbortController()
    const wait = await uploader.drain(link, signal)
    await comeBack(events)
    now += wait!
    // Once at once, and then no more: to ask at once for ever would keep the device busy.
    expect(await uploader.drain(link, signal)).to.equal(0)
    expect(await uploader.drain(link, signal)).to.equal(null)
  })

  it('waits for the founder where a restored server lacks the pipeline as a whole', async () => {
    const events = await edit(ben.setTimeout('a', 1))
    opened = { ok: false, code: 'other-history' }
    await drain(stop('not-found'), stop('not-found'))
    expect(pushes.map((push) => push.events)).to.deep.equal([events, events, events])
    expect(await refused()).to.deep.equal([])
    opened = { ok: false, code: 'not-found' }
    await edit(ben.setTimeout('a', 2))
    await drain(stop('not-found'))
    expect(await refused()).to.have.length(1)
  })

  it('stops between two pushes when the lock was taken away', async () => {
    uploader = newUploader(1)
    await edit(ben.setTimeout('a', 1), ben.setTimeout('a', 2))
    const taken = new AbortController()
    const link = {
      push: async (push: PushMessage) => {
        pushes.push(push)
        taken.abort()
        return accept(push)
      },
    } as unknown as Link
    await uploader.drain(link, taken.signal)
    expect(pushes).to.have.length(1)
    expect(await queued()).to.have.length(1)
  })

  describe('told of a refusal', () => {
    it('keeps the verdict and the content, and sends the rest under new numbers', async () => {
      const [bad, good] = await edit(ben.setTimeout('a', 1), ben.setTimeout('a', 2))
      await drain(stop('malformed'))
      expect(await refused()).to.deep.equal([bad!.id])
      expect(pushes[1]!.events).to.deep.equal([
        { ...good, seq: 1, clock: { ...good!.clock, [ben.replicaId]: 1 } },
      ])
      expect(pushes[1]!.epoch).to.equal(2)
      expect(told).to.deep.equal(['refused 1', 'renumbered', 'acknowledged 1'])
      expect(await store.read((tx) => tx.events([bad!.id]))).to.deep.equal([])
    })

    it('raises the fence where nothing is left to send', async () => {
      await edit(ben.setTimeout('a', 1))
      await drain(stop('forbidden'))
      const { replicaId } = ben
      expect(pushes[1]).to.deep.equal({ pipelineId: PIPELINE, events: [], replicaId, epoch: 2 })
      expect(await queued()).to.deep.equal([])
    })

    it('takes nothing else for accepted, though what was before it has come back already', async () => {
      const events = await edit(...[1, 2, 3, 4, 5].map((n) => ben.setTimeout('a', n)))
      await drain(async (push) => {
        // The server's own word of the first two is faster than its answer.
        await comeBack(events.slice(0, 2))
        return stop('malformed', 2)(push)
      })
      expect(await refused()).to.deep.equal([events[2]!.id])
      expect(pushes[1]!.events.map(({ id }) => id)).to.deep.equal(ids(events.slice(3)))
      expect(pushes[1]!.events.map(({ seq }) => seq)).to.deep.equal([3, 4])
      expect(await queued()).to.deep.equal([])
    })

    it('asks again where the event itself has come back meanwhile: it was accepted', async () => {
      const events = await edit(...[1, 2, 3].map((n) => ben.setTimeout('a', n)))
      await drain(async (push) => {
        await comeBack(events.slice(0, 1))
        return stop('forbidden')(push)
      })
      expect(await refused()).to.deep.equal([])
      expect(pushes[1]!.events).to.deep.equal(events.slice(1))
    })

    it('asks again where the queue was renumbered meanwhile', async () => {
      const events = await edit(...[1, 2, 3].map((n) => ben.setTimeout('a', n)))
      await drain(async (push) => {
        // Another tab has overtaken this one, met the same refusal, and dealt with it.
        uploader = newUploader()
        const left = events.slice(1).map((event, i) => {
          const seq = i + 1
          return { ...event, seq, clock: { ...event.clock, [ben.replicaId]: seq } }
        })
        await store.write(async (tx) => {
          await tx.dequeue([events[0]!.id])
          await tx.deleteEvents([events[0]!.id])
          await tx.putEvents(left.map(localEvent))
          await tx.putDevice({ ...(await tx.device())!, epoch: 7 })
        })
        return stop('malformed')(push)
      })
      expect(await refused()).to.deep.equal([])
      expect(pushes[1]!.events.map(({ seq }) => seq)).to.deep.equal([1, 2])
      expect(pushes[1]!.epoch).to.equal(7)
    })
  })

  describe('told of a gap', () => {
    it('sends again what the server lacks of this device’s events, before the rest', async () => {
      const accepted = [1, 2, 3].map((n) => ben.setTimeout('a', n))
      await store.write((tx) => tx.putEvents(accepted.map(localEvent)))
      await comeBack(accepted)
      const pending = await edit(ben.setTimeout('a', 4), ben.setTimeout('a', 5))
      await drain(stop('gap', 0, { vector: { [ben.replicaId]: 1 } }))
      expect(pushes[1]!.events).to.deep.equal([...accepted.slice(1), ...pending])
      expect(await queued()).to.deep.equal([])
    })

    it('numbers what is pending anew where the device does not have them itself', async () => {
      for (let n = 0; n < 4; n++) ben.setTimeout('a', n)
      const [first, second] = await edit(ben.setTimeout('a', 5), ben.setTimeout('a', 6))
      await drain(stop('gap', 0, { vector: { [ben.replicaId]: 2 } }))
      expect(pushes[1]!.events).to.deep.equal([
        { ...first, seq: 3, clock: { ...first!.clock, [ben.replicaId]: 3 } },
        { ...second, seq: 4, clock: { ...second!.clock, [ben.replicaId]: 4 } },
      ])
      expect(told).to.include('renumbered')
      expect(pushes[1]!.epoch).to.equal(2)
    })

    it('never touches what was accepted of the same push', async () => {
      const accepted = [1, 2].map((n) => ben.setTimeout('a', n))
      ben.setTimeout('a', 3)
      const later = [ben.setTimeout('a', 4), ben.setTimeout('a', 5)]
      await edit(...accepted, ...later)
      await drain(stop('gap', 2, { vector: { [ben.replicaId]: 2 } }))
      expect(ids(pushes[1]!.events)).to.deep.equal(ids(later))
      expect(pushes[1]!.events.map(({ seq }) => seq)).to.deep.equal([3, 4])
      const kept = await store.read((tx) => tx.events(ids(accepted)))
      expect(kept.map(({ event }) => event)).to.deep.equal(accepted)
    })
  })

  it('cuts a missing dependency down once, and refuses it when it is missing still', async () => {
    const [head, next] = await edit(ben.setTimeout('a', 1), ben.setTimeout('b', 2))
    const missing = stop('missing-dependency', 0, { vector: { [ann.replicaId]: 2 } })
    await drain(missing, missing)
    expect(pushes[1]!.events[0]!.clock).to.deep.equal({ [ann.replicaId]: 2, [ben.replicaId]: 1 })
    expect(await refused()).to.deep.equal([head!.id])
    expect(ids(pushes[2]!.events)).to.deep.equal([next!.id])
  })

  it('moves a forked queue to a new replica, for this pipeline alone', async () => {
    const events = await edit(ben.setTimeout('a', 1), ben.setTimeout('a', 2))
    await drain(stop('replica-forked', 1))
    expect(pushes[1]!.events).to.have.length(1)
    expect(pushes[1]!.events[0]).to.deep.include({
      id: events[1]!.id,
      replicaId: NEW_REPLICA,
      seq: 1,
    })
    const record = await store.read((tx) => tx.pipeline(PIPELINE))
    expect(record).to.deep.include({ replicaId: NEW_REPLICA, generation: 1 })
    expect((await device()).replicaId).to.equal(ben.replicaId)
  })

  describe('told that the clock is ahead', () => {
    const serverTime = NOW - 86_400_000

    it('stamps the queue by the server’s clock, and remembers how far this one is off', async () => {
      await edit(ben.setTimeout('a', 1), ben.setTimeout('a', 2))
      await drain(stop('clock-ahead', 0, { serverTime }))
      expect(pushes[1]!.events.map(({ hlc }) => hlc)).to.deep.equal([
        hlcOf(serverTime, 0),
        hlcOf(serverTime, 1),
      ])
      expect(await device()).to.deep.equal({
        replicaId: ben.replicaId,
        epoch: 2,
        clockOffset: -86_400_000,
      })
    })

    it('stays after this device’s last accepted event, though that has not come back yet', async () => {
      const [first] = await edit({ ...ben.setTimeout('a', 1), hlc: hlcOf(serverTime + 50_000, 0) })
      await drain()
      await edit(ben.setTimeout('a', 2))
      await drain(stop('clock-ahead', 0, { serverTime }))
      expect(pushes[2]!.events[0]!.hlc > first!.hlc).to.equal(true)
    })
  })

  it('goes above an epoch that the log has seen', async () => {
    await edit(ben.setTimeout('a', 1))
    await drain(stop('stale-epoch', 0, { epoch: 40 }))
    expect(pushes.map(({ epoch }) => epoch)).to.deep.equal([1, 41])
    expect((await device()).epoch).to.equal(41)
  })
})
