import { expect } from 'chai'
import type { ReplicaId, Revision } from '../../../domain/ids.ts'
import type { Fence } from '../../../domain/log/event-log.ts'
import { pipelineEvent, pipelineEvents } from '../events.ts'
import { conflict, newPipeline, storedBy, streamOfPipeline, type Tools } from './tools.ts'

export function describeFences({ log, append }: Tools): void {
  const replicaId = 'fenced000001' as ReplicaId
  const fence = (epoch: number): Fence => ({ replicaId, epoch })
  const stale = (epoch: number) => ({ ok: false, reason: 'stale-epoch', epoch })
  const setUp = async (epoch: number) => {
    const events = pipelineEvents(5, { pipelineId: newPipeline(), replicaId })
    storedBy(await append([events[0]!], 0, fence(epoch)))
    const raise = (to: number) =>
      log().append({
        streamId: streamOfPipeline(events[0]!),
        expectedRevision: 0 as Revision,
        events: [],
        fence: fence(to),
      })
    return { events, raise }
  }

  describe('an append with a fence', () => {
    it('is written at the epoch that the stream has seen, and at a higher one', async () => {
      const { events } = await setUp(3)
      storedBy(await append([events[1]!], 1, fence(3)))
      storedBy(await append([events[2]!], 2, fence(5)))
    })

    it('is stale at a lower one, and writes nothing', async () => {
      const { events } = await setUp(3)
      const before = await log().head()
      expect(await append([events[1]!], 1, fence(2))).to.deep.equal(stale(3))
      expect(await log().head()).to.equal(before)
    })

    it('is told that it is stale rather than in conflict', async () => {
      const { events } = await setUp(3)
      expect(await append([events[1]!], 0, fence(2))).to.deep.equal(stale(3))
    })

    it('leaves the fence as it was when it is refused', async () => {
      const { events } = await setUp(3)
      expect(await append([events[1]!], 0, fence(9))).to.deep.equal(conflict(1))
      storedBy(await append([events[1]!], 1, fence(3)))
    })

    it('holds back neither other replicas, nor other streams, nor appends without one', async () => {
      const { events } = await setUp(3)
      const { pipelineId } = events[0]!
      const other = pipelineEvent({ pipelineId, replicaId: 'other0000001' as ReplicaId })
      storedBy(await append([other], 1, { replicaId: other.replicaId, epoch: 1 }))
      const elsewhere = pipelineEvent({ pipelineId: newPipeline(), replicaId })
      storedBy(await append([elsewhere], 0, fence(1)))
      storedBy(await append([events[1]!], 2))
    })
  })

  describe('an append of nothing but a fence', () => {
    it('raises it for the appends that come after', async () => {
      const { events, raise } = await setUp(1)
      const before = await log().head()
      expect(await raise(4)).to.deep.equal({ ok: true, stored: [] })
      expect(await log().head()).to.equal(before)
      expect(await append([events[1]!], 1, fence(1))).to.deep.equal(stale(4))
      storedBy(await append([events[1]!], 1, fence(4)))
    })

    it('is stale below the epoch that the stream has seen', async () => {
      const { raise } = await setUp(4)
      expect(await raise(3)).to.deep.equal(stale(4))
      expect(await raise(4)).to.deep.equal({ ok: true, stored: [] })
    })

    it('holds before the stream exists', async () => {
      const event = pipelineEvent({ pipelineId: newPipeline(), replicaId })
      const streamId = streamOfPipeline(event)
      const expectedRevision = 0 as Revision
      await log().append({ streamId, expectedRevision, events: [], fence: fence(2) })
      expect(await append([event], 0, fence(1))).to.deep.equal(stale(2))
    })
  })

  describe('a repeated append with a fence', () => {
    it('is answered ok at a lower epoch too, which it does not set', async () => {
      const { events, raise } = await setUp(1)
      await raise(5)
      storedBy(await append([events[0]!], 0, fence(1)))
      expect(await append([events[1]!], 1, fence(4))).to.deep.equal(stale(5))
    })

    it('raises the fence at a higher one', async () => {
      const { events } = await setUp(1)
      storedBy(await append([events[0]!], 0, fence(6)))
      expect(await append([events[1]!], 1, fence(5))).to.deep.equal(stale(6))
    })
  })

  describe('fences that are raised at once', () => {
    it('end at the highest, and each answer says whether it was one of the rising', async () => {
      const { events, raise } = await setUp(1)
      const epochs = [6, 3, 8, 2, 7, 4, 5, 8]
      const answers = await Promise.all(epochs.map(raise))
      for (const [i, answer] of answers.entries()) {
        if (answer.ok) continue
        expect(answer.reason).to.equal('stale-epoch')
        expect(answer.reason === 'stale-epoch' && answer.epoch).to.be.above(epochs[i]!)
      }
      expect(answers[2]!.ok && answers[7]!.ok).to.equal(true)
      expect(await append([events[1]!], 1, fence(7))).to.deep.equal(stale(8))
    })
  })
}
