import { expect } from 'chai'
import fc from 'fast-check'
import { hlcOf, tickHlc, type Hlc } from '../../../domain/clock/hlc.ts'
import { includes, mergeVectors, type VersionVector } from '../../../domain/clock/version-vector.ts'
import type { ActorId, ReplicaId } from '../../../domain/ids.ts'
import { canonicalJson, type JsonValue } from '../../../domain/json.ts'
import {
  isInConflict,
  shownValue,
  writeRegister,
  type Register,
  type Write,
} from '../../../domain/pipeline/register.ts'
import { compareStamps } from '../../../domain/pipeline/total-order.ts'
import { namedUuid } from '../../support/events.ts'

interface MadeWrite {
  readonly write: Write
  readonly clock: VersionVector
}

const VALUES: readonly (JsonValue | undefined)[] = [1, 2, { a: 1, b: 2 }, { b: 2, a: 1 }, undefined]

/** Writes of three replicas to one register, each on top of what it had heard by then. */
const writes: fc.Arbitrary<readonly MadeWrite[]> = fc
  .array(fc.record({ by: fc.nat(2), hears: fc.nat(7), value: fc.nat(4), wall: fc.nat(5) }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((script) => {
    const heard: VersionVector[] = [{}, {}, {}]
    const last: Hlc[] = [hlcOf(0, 0), hlcOf(0, 0), hlcOf(0, 0)]
    return script.map(({ by, hears, value, wall }) => {
      for (const other of [0, 1, 2].filter((n) => hears & (1 << n))) {
        heard[by] = mergeVectors(heard[by]!, heard[other]!)
        last[by] = last[other]! > last[by]! ? last[other]! : last[by]!
      }
      const replicaId = `replica0000${by}` as ReplicaId
      const seq = (heard[by]![replicaId] ?? 0) + 1
      const clock = { ...heard[by], [replicaId]: seq }
      heard[by] = clock
      last[by] = tickHlc(last[by]!, wall)
      const stamp = { replicaId, seq, hlc: last[by], actorId: namedUuid('actor', by) as ActorId }
      const written = VALUES[value]
      return { clock, write: written === undefined ? { stamp } : { stamp, value: written } }
    })
  })

const fold = (made: readonly MadeWrite[]): Register =>
  made.reduce<Register | undefined>(
    (register, { write, clock }) => writeRegister(register, write, clock),
    undefined,
  )!

/** Every order in which each write comes after those that it has seen, up to a bound. */
function* legalOrders(
  left: readonly MadeWrite[],
  done: readonly MadeWrite[] = [],
): Generator<readonly MadeWrite[]> {
  if (left.length === 0) yield done
  for (const next of left) {
    const others = left.filter((one) => one !== next)
    if (others.some(({ write }) => includes(next.clock, write.stamp))) continue
    yield* legalOrders(others, [...done, next])
  }
}

describe('a register (M1)', () => {
  it('holds exactly the writes that no other write has seen, greatest by T first', () => {
    fc.assert(
      fc.property(writes, (made) => {
        const held = made
          .filter(
            (one) => !made.some((other) => other !== one && includes(other.clock, one.write.stamp)),
          )
          .map(({ write }) => write)
          .sort((a, b) => compareStamps(b.stamp, a.stamp))
        expect(fold(made)).to.deep.equal(held)
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  it('is the same in every order that causality allows', () => {
    fc.assert(
      fc.property(
        writes.map((made) => made.slice(0, 6)),
        (made) => {
          const expected = fold(made)
          for (const order of legalOrders(made)) expect(fold(order)).to.deep.equal(expected)
        },
      ),
      { numRuns: 100, seed: 2 },
    )
  })

  it('shows the greatest held write, and is in conflict where the values differ as JSON', () => {
    const seen = { conflict: 0, agreement: 0 }
    fc.assert(
      fc.property(writes, (made) => {
        const register = fold(made)
        const greatest = register.reduce((a, b) => (compareStamps(a.stamp, b.stamp) > 0 ? a : b))
        expect(shownValue(register)).to.equal(greatest.value)
        const texts = register.map(({ value }) =>
          value === undefined ? 'absent' : canonicalJson(value),
        )
        const differs = new Set(texts).size > 1
        expect(isInConflict(register)).to.equal(differs)
        if (register.length > 1) seen[differs ? 'conflict' : 'agreement'] += 1
      }),
      { numRuns: 500, seed: 3 },
    )
    expect(seen.conflict).to.be.greaterThan(30)
    expect(seen.agreement).to.be.greaterThan(10)
  })

  it('ends any conflict by the write of somebody who saw it all', () => {
    fc.assert(
      fc.property(writes, (made) => {
        const all = made.reduce<VersionVector>((v, { clock }) => mergeVectors(v, clock), {})
        const replicaId = 'replica00009' as ReplicaId
        const actorId = namedUuid('actor') as ActorId
        const stamp = { replicaId, seq: 1, hlc: hlcOf(99, 0), actorId }
        const register = writeRegister(fold(made), { stamp, value: 'chosen' }, all)
        expect(register).to.deep.equal([{ stamp, value: 'chosen' }])
        expect(isInConflict(register)).to.equal(false)
      }),
      { seed: 4 },
    )
  })

  it('shows nothing, and is no conflict, while nobody has written', () => {
    expect(shownValue(undefined)).to.equal(undefined)
  })

  it('tells absent from null', () => {
    const actorId = namedUuid('actor') as ActorId
    const stamp = (n: number) => ({
      replicaId: `replica0000${n}` as ReplicaId,
      seq: 1,
      hlc: hlcOf(n, 0),
      actorId,
    })
    const cleared = writeRegister(undefined, { stamp: stamp(1) }, {
      replica00001: 1,
    } as VersionVector)
    const both = writeRegister(cleared, { stamp: stamp(2), value: null }, {
      replica00002: 1,
    } as VersionVector)
    expect(isInConflict(both)).to.equal(true)
  })
})
