import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { LogEvent, PipelineEvent } from '../../../domain/events/event.ts'
import { pipelineStream, type ReplicaId } from '../../../domain/ids.ts'
import { pipelineEvent, pipelineEvents } from '../events.ts'
import {
  conflict,
  expectChain,
  newPipeline,
  storedBy,
  streamOfPipeline,
  type Tools,
} from './tools.ts'

export function describeConcurrency({ log, append }: Tools): void {
  describe('appends at once', () => {
    it('of which two expect the same revision: one is written, the other in conflict', async () => {
      const pipelineId = newPipeline()
      const [first, second] = pipelineEvents(2, { pipelineId })
      const answers = await Promise.all([append([first!], 0), append([second!], 0)])
      expect(answers.filter(({ ok }) => ok)).to.have.length(1)
      expect(answers.find(({ ok }) => !ok)).to.deep.equal(conflict(1))
      expect(await log().streamHead(pipelineStream(pipelineId))).to.include({ revision: 1 })
    })

    it('of the same events: one is written, and all get the answer', async () => {
      const events = pipelineEvents(3, { pipelineId: newPipeline() })
      const answers = await Promise.all([1, 2, 3, 4].map(() => append(events, 0)))
      const stored = await log().readStream(streamOfPipeline(events[0]!), { limit: 10 })
      expect(stored).to.have.length(3)
      for (const answer of answers) expect(storedBy(answer)).to.deep.equal(stored)
    })

    it('of eight writers, to own streams and a shared one, keep every order', async function () {
      this.timeout(60_000)
      const start = await log().head()
      const shared = newPipeline()
      const replicas = Array.from({ length: 8 }, newReplica)
      const own = new Map(replicas.map((replicaId) => [replicaId, newPipeline()]))
      await Promise.all(
        replicas.map(async (replicaId) => {
          for (let seq = 1; seq <= 10; seq++) {
            const pipelineId = own.get(replicaId)!
            const events = pipelineEvents(3, { pipelineId, replicaId, seq: 3 * seq - 2 })
            storedBy(await append(events, 3 * seq - 3))
            await insist(append, pipelineEvent({ pipelineId: shared, replicaId, seq }))
          }
        }),
      )

      const all = await log().readAll(start, 1_000)
      expect(all).to.have.length(8 * 40)
      expect(all.map(({ position }) => position)).to.deep.equal(all.map((_, i) => start + i + 1))
      for (const pipelineId of [shared, ...own.values()]) {
        const inLog = all.filter((one) => (one.event as PipelineEvent).pipelineId === pipelineId)
        const stream = await log().readStream(pipelineStream(pipelineId), { limit: 1_000 })
        expect(inLog).to.deep.equal(stream)
        expect(stream.map(({ revision }) => revision)).to.deep.equal(stream.map((_, i) => i + 1))
        expectChain(stream)
      }
    })
  })
}

export function describeGrowth({ log, append }: Tools): void {
  describe('a listener for growth', () => {
    it('is called after every append', async () => {
      const events = pipelineEvents(3, { pipelineId: newPipeline() })
      for (const [i, event] of events.entries()) {
        const head = await log().head()
        await new Promise<void>((resolve, reject) => {
          const stop = log().onGrowth(() => {
            log()
              .head()
              .then((now) => {
                if (now <= head) return
                stop()
                resolve()
              }, reject)
          })
          append([event], i).catch(reject)
        })
      }
    })

    it('is not called any more once it has stopped', async () => {
      const [event] = pipelineEvents(1, { pipelineId: newPipeline() })
      let calls = 0
      const stop = log().onGrowth(() => calls++)
      stop()
      calls = 0
      const called = new Promise<void>((resolve) => {
        const stopOther = log().onGrowth(() => {
          stopOther()
          resolve()
        })
      })
      await append([event!], 0)
      await called
      expect(calls).to.equal(0)
    })
  })
}

/** Appends one event to the end of its stream, whatever else is appended meanwhile. */
async function insist(append: Tools['append'], event: LogEvent): Promise<void> {
  let after = 0
  for (;;) {
    const answer = await append([event], after)
    if (answer.ok) return
    if (answer.reason !== 'conflict') throw new Error(`unexpected answer: ${answer.reason}`)
    expect(answer.actualRevision).not.to.equal(after)
    after = answer.actualRevision
  }
}

function newReplica(): ReplicaId {
  return randomBytes(6).toString('hex') as ReplicaId
}
