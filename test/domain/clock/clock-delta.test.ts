import { expect } from 'chai'
import fc from 'fast-check'
import { clockAfter, clockDelta } from '../../../domain/clock/clock-delta.ts'
import type { VersionVector } from '../../../domain/clock/version-vector.ts'
import type { ReplicaId } from '../../../domain/ids.ts'

const OWN = 'own000000000' as ReplicaId
const replicas = Array.from({ length: 8 }, (_, n) => `replica${n}0000` as ReplicaId)
const vectors = fc
  .dictionary(fc.constantFrom(...replicas), fc.integer({ min: 1, max: 4 }), {
    noNullPrototype: true,
  })
  .map((vector) => vector as VersionVector)
const seqs = fc.integer({ min: 1, max: 1e9 })

describe('a clock as a difference', () => {
  it('comes back as the clock that it was, whatever went before', () => {
    fc.assert(
      fc.property(vectors, vectors, seqs, (before, others, seq) => {
        const clock = { ...others, [OWN]: seq + 1 }
        const delta = clockDelta({ ...before, [OWN]: seq }, clock, OWN)
        const after = clockAfter({ ...before, [OWN]: seq }, delta, { replicaId: OWN, seq: seq + 1 })
        expect(after).to.deep.equal(clock)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is nothing where nobody else was heard of since', () => {
    const before = { [OWN]: 4, [replicas[0]!]: 7 }
    expect(clockDelta(before, { ...before, [OWN]: 5 }, OWN)).to.deep.equal({})
  })

  it('lists whom was heard of, and who is gone', () => {
    const before = { [OWN]: 4, [replicas[0]!]: 7, [replicas[1]!]: 1 }
    const clock = { [OWN]: 5, [replicas[0]!]: 8, [replicas[2]!]: 3 }
    expect(clockDelta(before, clock, OWN)).to.deep.equal({
      [replicas[0]!]: 8,
      [replicas[1]!]: 0,
      [replicas[2]!]: 3,
    })
  })

  it('leaves the clock that it starts from as it was', () => {
    const before = Object.freeze({ [OWN]: 1, [replicas[0]!]: 1 })
    clockAfter(before, { [replicas[0]!]: 0 } as VersionVector, { replicaId: OWN, seq: 2 })
    expect(before).to.deep.equal({ [OWN]: 1, [replicas[0]!]: 1 })
  })
})
