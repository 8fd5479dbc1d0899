import { expect } from 'chai'
import type { StoredEvent } from '../../domain/events/event.ts'
import { LogUnavailable } from '../../domain/log/event-log.ts'
import type { Position, Revision, StreamId } from '../../domain/ids.ts'
import { FoldCache, foldStream, type StreamReader } from '../../projections/fold-cache.ts'

/** Streams `a`, `b`, … of so many events each; event n of a stream is at position 10 n. */
class Streams implements StreamReader {
  reads: string[] = []
  shown = Number.MAX_SAFE_INTEGER

  async readStream(
    streamId: StreamId,
    { after = 0 as Revision, limit }: { after?: Revision; limit: number },
  ) {
    this.reads.push(`${streamId} after ${after}`)
    const until = Math.min(after + limit, this.shown, 2_500)
    const events: StoredEvent[] = []
    for (let n = after + 1; n <= until; n++) {
      events.push({ revision: n, position: 10 * n } as unknown as StoredEvent)
    }
    return events
  }
}

const a = 'a' as StreamId
const stored = (revision: number) =>
  ({ revision, position: 10 * revision }) as unknown as StoredEvent

/** Keeps the revisions that it was folded from. */
const kind = {
  initial: (streamId: StreamId) => ({ streamId, revisions: [] as number[] }),
  advance: (fold: { streamId: StreamId; revisions: number[] }, { revision }: StoredEvent) => {
    if (revision === 13) throw new Error('no thirteen')
    fold.revisions.push(revision)
    return fold
  },
}

describe('cached folds', () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

  it('are read to a revision, page by page, and to a position', async () => {
    const streams = new Streams()
    const counting = { initial: () => 0, advance: (count: number) => count + 1 }
    expect(await new FoldCache(streams, counting).at(a, { revision: 2_345 })).to.equal(2_345)
    expect(streams.reads).to.deep.equal(['a after 0', 'a after 1000', 'a after 2000'])
    expect(await foldStream(streams, counting, a, { position: 12_345 as Position })).to.equal(1_234)
    expect(await foldStream(streams, counting, a, { position: 99_999 as Position })).to.equal(2_500)
  })

  it('are advanced without another read', async () => {
    const streams = new Streams()
    const cache = new FoldCache(streams, kind)
    await cache.at(a, { revision: 3 })
    cache.advance(a, [stored(4), stored(5)])
    const { revisions } = await cache.at(a, { revision: 5 })
    expect(revisions).to.deep.equal(upTo(5))
    expect(streams.reads).to.deep.equal(['a after 0'])
  })

  it('are made again when they are ahead of what is asked for', async () => {
    const cache = new FoldCache(new Streams(), kind)
    await cache.at(a, { revision: 3 })
    cache.advance(a, [stored(4), stored(5)])
    expect((await cache.at(a, { revision: 3 })).revisions).to.deep.equal(upTo(3))
  })

  it('are let go, least recently used first, when they hold more events than they may', async () => {
    const streams = new Streams()
    const cache = new FoldCache(streams, kind, 10)
    for (const name of ['a', 'b', 'a', 'c']) await cache.at(name as StreamId, { revision: 4 })
    expect(streams.reads).to.have.length(3)
    await cache.at('a' as StreamId, { revision: 4 })
    expect(streams.reads).to.have.length(3)
    await cache.at('b' as StreamId, { revision: 4 })
    expect(streams.reads.at(-1)).to.equal('b after 0')
    // One that is larger than everything together is kept while it is the last one used.
    await cache.at('d' as StreamId, { revision: 12 })
    cache.advance('d' as StreamId, [stored(14)])
  })

  it('are not kept half advanced', async () => {
    const streams = new Streams()
    const cache = new FoldCache(streams, kind)
    await cache.at(a, { revision: 11 })
    expect(() => cache.advance(a, [stored(12), stored(13)])).to.throw('no thirteen')
    expect((await cache.at(a, { revision: 12 })).revisions).to.deep.equal(upTo(12))
    expect(streams.reads).to.deep.equal(['a after 0', 'a after 0'])
  })

  it('wait for a log that does not show yet what it said there is', async () => {
    const streams = new Streams()
    streams.shown = 7
    const error = await new FoldCache(streams, kind).at(a, { revision: 9 }).catch((e: unknown) => e)
    expect(error).to.be.instanceOf(LogUnavailable)
  })

  it('tell a log that fails from a fold that does', async () => {
    const failing = { readStream: () => Promise.reject(new Error('socket hang up')) }
    const error = await new FoldCache(failing, kind).at(a, { revision: 1 }).catch((e: unknown) => e)
    expect(error).to.be.instanceOf(LogUnavailable)
    const thirteen = new FoldCache(new Streams(), kind).at(a, { revision: 13 })
    expect(await thirteen.catch((e: unknown) => (e as Error).message)).to.equal('no thirteen')
  })
})
