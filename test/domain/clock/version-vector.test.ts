import { expect } from 'chai'
import fc from 'fast-check'
import {
  dominates,
  includes,
  mergeVectors,
  versionVectorSchema,
  type VersionVector,
} from '../../../domain/clock/version-vector.ts'
import type { ReplicaId } from '../../../domain/ids.ts'

const replicaIds = fc.nat(4).map((n) => `replica0000${n}` as ReplicaId)
const dots = fc.record({ replicaId: replicaIds, seq: fc.integer({ min: 1, max: 6 }) })
const vectors: fc.Arbitrary<VersionVector> = fc
  .uniqueArray(dots, { selector: (dot) => dot.replicaId, maxLength: 5 })
  .map((list) => Object.fromEntries(list.map(({ replicaId, seq }) => [replicaId, seq])))

/** What a vector stands for: the set of events that it includes, written out and sorted. */
const eventsOf = (vector: VersionVector): string[] =>
  Object.entries(vector)
    .flatMap(([replicaId, seq]) => Array.from({ length: seq }, (_, i) => `${replicaId}/${i + 1}`))
    .sort()

describe('a version vector', () => {
  it('includes exactly the events of the set that it stands for', () => {
    fc.assert(
      fc.property(vectors, dots, (vector, dot) => {
        const name = `${dot.replicaId}/${dot.seq}`
        expect(includes(vector, dot)).to.equal(eventsOf(vector).includes(name))
      }),
    )
  })

  it('dominates another exactly where its set holds the whole of the other', () => {
    fc.assert(
      fc.property(vectors, vectors, (left, right) => {
        const [mine, theirs] = [eventsOf(left), eventsOf(right)]
        expect(dominates(left, right)).to.equal(theirs.every((event) => mine.includes(event)))
      }),
    )
  })

  it('is a partial order by dominance', () => {
    fc.assert(
      fc.property(vectors, vectors, vectors, (a, b, c) => {
        expect(dominates(a, a)).to.equal(true)
        expect(dominates(a, {})).to.equal(true)
        if (dominates(a, b) && dominates(b, a)) expect(a).to.deep.equal(b)
        if (dominates(a, b) && dominates(b, c)) expect(dominates(a, c)).to.equal(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it('merges to the union of both sets, and nothing more', () => {
    fc.assert(
      fc.property(vectors, vectors, (left, right) => {
        const union = new Set([...eventsOf(left), ...eventsOf(right)])
        expect(eventsOf(mergeVectors(left, right))).to.deep.equal([...union].sort())
      }),
    )
  })

  it('merges in any order, grouping and repetition to the same (a semilattice)', () => {
    fc.assert(
      fc.property(vectors, vectors, vectors, (a, b, c) => {
        expect(mergeVectors(a, b)).to.deep.equal(mergeVectors(b, a))
        expect(mergeVectors(mergeVectors(a, b), c)).to.deep.equal(
          mergeVectors(a, mergeVectors(b, c)),
        )
        expect(mergeVectors(a, a)).to.deep.equal(a)
        expect(mergeVectors(a, {})).to.deep.equal(a)
      }),
    )
  })

  it('leaves the merged vectors as they were', () => {
    const left = Object.freeze({ replica00001: 2 }) as VersionVector
    const right = Object.freeze({ replica00001: 5, replica00002: 1 }) as VersionVector
    expect(mergeVectors(left, right)).to.deep.equal({ replica00001: 5, replica00002: 1 })
    expect(left).to.deep.equal({ replica00001: 2 })
  })

  it('is read from JSON only with replica ids and counters from 1', () => {
    const wrong: unknown[] = [
      { short: 1 },
      { replica00001: 0 },
      { replica00001: -1 },
      { replica00001: 1.5 },
      { replica00001: '1' },
      { REPLICA00001: 1 },
      { replica00001: 2 ** 53 },
      [],
      null,
    ]
    for (const value of wrong) {
      expect(versionVectorSchema.safeParse(value).success, JSON.stringify(value)).to.equal(false)
    }
    fc.assert(
      fc.property(vectors, (vector) => {
        expect(versionVectorSchema.parse(JSON.parse(JSON.stringify(vector)))).to.deep.equal(vector)
      }),
    )
  })
})
