import { expect } from 'chai'
import fc from 'fast-check'
import { hlcOf } from '../../../domain/clock/hlc.ts'
import { includes } from '../../../domain/clock/version-vector.ts'
import type { Stamp } from '../../../domain/events/event.ts'
import type { ActorId, ReplicaId } from '../../../domain/ids.ts'
import { compareStamps } from '../../../domain/pipeline/total-order.ts'
import { namedUuid } from '../../support/events.ts'
import { moves, play } from './histories.ts'

/** Few values of each, so that stamps often agree in part. */
const stamps: fc.Arbitrary<Stamp> = fc.record({
  hlc: fc.tuple(fc.nat(2), fc.nat(2)).map(([ms, counter]) => hlcOf(ms, counter)),
  replicaId: fc.nat(2).map((n) => `replica0000${n}` as ReplicaId),
  seq: fc.integer({ min: 1, max: 12 }),
  actorId: fc.constant(namedUuid('actor') as ActorId),
})

const sign = (n: number) => Math.sign(n)

describe('the total order T', () => {
  it('says of any two stamps which comes first, and both ways the same', () => {
    fc.assert(
      fc.property(stamps, stamps, (a, b) => {
        expect(sign(compareStamps(a, b)) + sign(compareStamps(b, a))).to.equal(0)
        const same = a.hlc === b.hlc && a.replicaId === b.replicaId && a.seq === b.seq
        expect(compareStamps(a, b) === 0).to.equal(same)
      }),
      { numRuns: 1_000, seed: 1 },
    )
  })

  it('is transitive', () => {
    fc.assert(
      fc.property(stamps, stamps, stamps, (a, b, c) => {
        if (compareStamps(a, b) <= 0 && compareStamps(b, c) <= 0) {
          expect(compareStamps(a, c)).to.be.at.most(0)
        }
      }),
      { numRuns: 3_000, seed: 2 },
    )
  })

  it('looks at the hlc first, then the replica, then the number as a number', () => {
    const stamp = (ms: number, replica: string, seq: number): Stamp => ({
      hlc: hlcOf(ms, 0),
      replicaId: replica as ReplicaId,
      seq,
      actorId: namedUuid('actor') as ActorId,
    })
    const inOrder = [
      stamp(1, 'zzzzzzzzzzzz', 99),
      stamp(2, 'aaaaaaaaaaaa', 9),
      stamp(2, 'aaaaaaaaaaaa', 10),
      stamp(2, 'b00000000000', 1),
    ]
    expect([...inOrder].reverse().sort(compareStamps)).to.deep.equal(inOrder)
  })

  it('puts every event after all that it has seen, however the clocks are skewed', () => {
    let seenPairs = 0
    fc.assert(
      fc.property(moves, (script) => {
        const events = play(script)
        for (const later of events) {
          for (const earlier of events) {
            if (earlier === later || !includes(later.clock, earlier)) continue
            seenPairs += 1
            if (compareStamps(earlier, later) >= 0) expect.fail(`${earlier.hlc} ${later.hlc}`)
          }
        }
      }),
      { numRuns: 50, seed: 3 },
    )
    expect(seenPairs).to.be.greaterThan(10_000)
  })
})
