import { expect } from 'chai'
import { followStream } from '../../../backend/sync/follow-stream.ts'
import { startLogTail, type LogTail } from '../../../backend/sync/log-tail.ts'
import type { StoredEvent } from '../../../domain/events/event.ts'
import { pipelineStream, type PipelineId, type Revision } from '../../../domain/ids.ts'
import { LogUnavailable, type EventLog } from '../../../domain/log/event-log.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import { namedUuid, pipelineEvents } from '../../support/events.ts'
import { until } from '../../support/test-device.ts'
import { NOW } from './test-admission.ts'

const pipeline = (n: number) => namedUuid('pipeline', n) as PipelineId
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('the tail of the log', () => {
  let log: EventLog
  let tail: LogTail
  /** How often a stream was read from the log, and whether that fails every other time. */
  let reads: number
  let isFlaky: boolean

  beforeEach(async () => {
    ;[reads, isFlaky] = [0, false]
    const memory = createMemoryLog({ now: () => NOW })
    let asked = 0
    const flaky =
      <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
      async (...args: A): Promise<T> => {
        if (isFlaky && ++asked % 2) throw new LogUnavailable('a moment, please')
        return work(...args)
      }
    log = {
      ...memory,
      readAll: flaky(memory.readAll),
      readStream: flaky((streamId, range) => {
        reads += 1
        return memory.readStream(streamId, range)
      }),
    }
    tail = await startLogTail(log)
  })
  afterEach(() => tail.stop())

  const next = new Map<number, number>()
  beforeEach(() => next.clear())

  /** Appends to the nth pipeline. */
  async function append(n: number, count = 1): Promise<void> {
    const seq = next.get(n) ?? 1
    const events = pipelineEvents(count, { pipelineId: pipeline(n), seq })
    const streamId = pipelineStream(pipeline(n))
    const result = await log.append({ streamId, expectedRevision: (seq - 1) as Revision, events })
    expect(result.ok).to.equal(true)
    next.set(n, seq + count)
  }

  function follow(n: number, after = 0, batchSize = 100) {
    const received: StoredEvent[] = []
    const streamId = pipelineStream(pipeline(n))
    const subscription = followStream(
      tail,
      streamId,
      after as Revision,
      batchSize,
      async (events) => void received.push(...events),
    )
    return { received, subscription, revisions: () => received.map(({ revision }) => revision) }
  }

  it('serves a follower that keeps up from memory', async () => {
    await append(1)
    const { revisions, subscription } = follow(1, 1)
    await append(1)
    await until(() => revisions().length === 1, 'the first event')
    const before = reads
    for (let i = 0; i < 20; i++) await append(1)
    await until(() => revisions().length === 21, 'the rest')
    expect(revisions()).to.deep.equal(upTo(22, 2))
    expect(reads).to.equal(before)
    subscription.unsubscribe()
  })

  it('serves one that starts further back than it remembers from the log', async () => {
    for (let i = 0; i < 7; i++) await append(1, 100)
    const { received, revisions, subscription } = follow(1)
    await until(() => revisions().length === 700, 'the history')
    expect(revisions()).to.deep.equal(upTo(700))
    expect(received.map(({ event }) => (event as { seq: number }).seq)).to.deep.equal(upTo(700))
    subscription.unsubscribe()
  })

  it('gives each follower its own stream alone', async () => {
    const followers = [follow(1), follow(2)]
    for (let i = 0; i < 10; i++) await Promise.all([append(1, 3), append(2, 2)])
    await until(() => followers[0]!.revisions().length === 30, 'the first')
    await until(() => followers[1]!.revisions().length === 20, 'the second')
    for (const [i, { received, revisions, subscription }] of followers.entries()) {
      expect(revisions()).to.deep.equal(upTo(received.length))
      expect(
        new Set(received.map(({ event }) => (event as { pipelineId: string }).pipelineId)),
      ).to.deep.equal(new Set([pipeline(i + 1)]))
      subscription.unsubscribe()
    }
  })

  it('leaves no gap where it has forgotten a stream for newer ones', async () => {
    const { revisions, subscription } = follow(1)
    await append(1, 5)
    await until(() => revisions().length === 5, 'the first events')
    for (let n = 2; n <= 1_100; n++) await append(n)
    await append(1, 5)
    await until(() => revisions().length === 10, 'the last events')
    const late = follow(1)
    await until(() => late.revisions().length === 10, 'a late follower')
    expect(revisions()).to.deep.equal(upTo(10))
    expect(late.revisions()).to.deep.equal(upTo(10))
    for (const one of [subscription, late.subscription]) one.unsubscribe()
  })

  it('goes on where it was when the log fails now and then', async () => {
    await append(1, 50)
    isFlaky = true
    const { revisions, subscription } = follow(1, 0, 7)
    for (let i = 0; i < 5; i++) await append(1, 10)
    await until(() => revisions().length === 100, 'everything', 20_000)
    expect(revisions()).to.deep.equal(upTo(100))
    subscription.unsubscribe()
  })

  it('ends with its followers', async () => {
    const { revisions, subscription } = follow(1)
    subscription.unsubscribe()
    await append(1)
    tail.stop()
    await append(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(revisions()).to.deep.equal([])
  })
})
