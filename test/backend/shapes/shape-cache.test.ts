import { expect } from 'chai'
import { createMemoryShapeStorage } from '../../../backend/shapes/memory-shape-storage.ts'
import { ShapeCache } from '../../../backend/shapes/shape-cache.ts'
import type { ShapeDefinition } from '../../../backend/shapes/shape-definition.ts'
import type { Shape } from '../../../backend/shapes/shape.ts'
import { ShapesUnavailable } from '../../../backend/shapes/shapes-unavailable.ts'

const table = { oid: 1, schema: 'public', name: 'tasks', key: ['id'], columns: [] }
const definition = (...columns: string[]): ShapeDefinition => ({
  ...{ table, columns, where: null, replica: 'default', log: 'full' },
})
const teams = new Set(['red'])

describe('the shapes that are kept ready', () => {
  let cache: ShapeCache
  let now: number
  let heard: Set<Shape>
  let ended: number

  beforeEach(() => {
    now = 0
    ended = 0
    heard = new Set()
    cache = new ShapeCache({
      storage: createMemoryShapeStorage(1_000),
      fanOut: { add: (shape) => heard.add(shape), remove: (shape) => heard.delete(shape) },
      fill: async ({ log }) => log.addSnapshotChunk('x'.repeat(100)),
      onEnd: () => (ended += 1),
      maxShapeBytes: 1_000,
      idleMs: 50,
      limits: { shapes: 3, totalBytes: 1_000, sweepEveryMs: 5 },
      now: () => now,
    })
  })
  afterEach(() => cache.stop())

  it('are one for each definition and set of teams', () => {
    const one = cache.open(definition('a'), new Set(['red', 'blue'])).shape
    expect(cache.open(definition('a'), new Set(['blue', 'red'])).shape).to.equal(one)
    expect(cache.open(definition('a'), new Set(['red'])).shape).not.to.equal(one)
    expect(cache.open(definition('a', 'b'), new Set(['blue', 'red'])).shape).not.to.equal(one)
    expect(heard.size).to.equal(3)
  })

  it('make room by the one that was not used for longest', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => cache.open(definition(name), teams))
    a!.hold()()
    const leave = c!.hold()
    cache.open(definition('d'), teams)
    const hasEnded = () => [a, b, c].map((kept) => kept!.shape.hasEnded)
    expect(hasEnded()).to.deep.equal([false, true, false])
    cache.open(definition('e'), teams)
    expect(hasEnded()).to.deep.equal([true, true, false])
    leave()
    expect([heard.size, cache.count, ended]).to.deep.equal([3, 3, 2])
  })

  it('refuse one more where all are in use', () => {
    for (const name of ['a', 'b', 'c']) cache.open(definition(name), teams).hold()
    expect(() => cache.open(definition('d'), teams)).to.throw(ShapesUnavailable, 'as many shapes')
    expect(cache.count).to.equal(3)
  })

  it('go when their snapshot cannot be taken, and are made anew', async () => {
    const failing = cache.open(definition('a'), teams)
    failing.shape.end()
    expect(cache.open(definition('a'), teams).shape).not.to.equal(failing.shape)
  })

  it('go after a while without use, and all of them where they are too large together', async () => {
    const used = cache.open(definition('a'), teams)
    const leave = used.hold()
    const idle = cache.open(definition('b'), teams)
    now = 60
    await new Promise<void>((resolve) => idle.shape.news.subscribe({ complete: resolve }))
    expect(used.shape.hasEnded).to.be.false
    leave()

    const large = cache.open(definition('c'), teams)
    large.shape.log.addSnapshotChunk('x'.repeat(2_000))
    await new Promise<void>((resolve) => large.shape.news.subscribe({ complete: resolve }))
    expect([cache.count, cache.bytes, heard.size]).to.deep.equal([0, 0, 0])
  })
})
