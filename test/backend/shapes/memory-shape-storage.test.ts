import { expect } from 'chai'
import fc from 'fast-check'
import { createMemoryShapeStorage } from '../../../backend/shapes/memory-shape-storage.ts'
import { END_OF_SNAPSHOT, isAfter, type Offset } from '../../../backend/shapes/offset.ts'

const entry = (commit: number, op: number, message = `"${commit}_${op}"`) => ({
  offset: { commit, op },
  message,
})

describe('a shape kept in memory', () => {
  it('is empty up to the end of its snapshot', async () => {
    const log = createMemoryShapeStorage(100).create('a')
    log.addSnapshotChunk('1,2')
    log.addSnapshotChunk('3')
    expect([log.snapshotChunks, await log.snapshotChunk(1)]).to.deep.equal([2, '3'])
    expect(log.lastOffset).to.deep.equal(END_OF_SNAPSHOT)
    expect(await log.readAfter(END_OF_SNAPSHOT)).to.deep.equal({
      messages: '',
      end: END_OF_SNAPSHOT,
    })
  })

  it('gives what follows a place, and after growing again what was asked before', async () => {
    const log = createMemoryShapeStorage(100).create('a')
    log.append([entry(3, 1), entry(3, 2)])
    const place = { commit: 3, op: 1 }
    expect(await log.readAfter(place)).to.deep.equal({
      messages: '"3_2"',
      end: { commit: 3, op: 2 },
    })
    log.append([entry(7, 5)])
    expect(await log.readAfter(place)).to.deep.equal({
      messages: '"3_2","7_5"',
      end: { commit: 7, op: 5 },
    })
    expect((await log.readAfter({ commit: 3, op: Infinity })).messages).to.equal('"7_5"')
    expect((await log.readAfter({ commit: 9, op: 1 })).messages).to.equal('')
  })

  it('ends its chunks at the same places for ever, and loses nothing between them', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 })
    const holds = fc.asyncProperty(sizes, fc.integer({ min: 1, max: 40 }), async (all, chunk) => {
      const log = createMemoryShapeStorage(chunk).create('a')
      const walk = async () => {
        const ends: Offset[] = [END_OF_SNAPSHOT]
        const messages: string[] = []
        while (isAfter(log.lastOffset, ends.at(-1)!)) {
          const part = await log.readAfter(ends.at(-1)!)
          messages.push(...part.messages.split(','))
          ends.push(part.end)
        }
        return { ends: ends.slice(1), messages }
      }
      const complete: Offset[] = []
      for (const [n, size] of all.entries()) {
        log.append([entry(n + 1, 1, 'x'.repeat(size))])
        const { ends, messages } = await walk()
        expect(messages).to.deep.equal(all.slice(0, n + 1).map((one) => 'x'.repeat(one)))
        // All but the last chunk are complete, and stay as they were.
        expect(ends.slice(0, complete.length)).to.deep.equal(complete)
        complete.splice(0, Infinity, ...ends.slice(0, -1))
      }
      expect(log.bytes).to.equal(all.reduce((sum, size) => sum + size + 1, 0))
    })
    await fc.assert(holds, { numRuns: 50 })
  })
})
