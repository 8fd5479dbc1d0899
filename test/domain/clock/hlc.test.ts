import { expect } from 'chai'
import fc from 'fast-check'
import {
  HLC_ZERO,
  hlcMs,
  hlcOf,
  hlcSchema,
  laterHlc,
  tickHlc,
  type Hlc,
} from '../../../domain/clock/hlc.ts'

/** The last millisecond that 13 digits hold. */
const END_OF_TIME = 9_999_999_999_999

const stamps = fc
  .tuple(fc.integer({ min: 0, max: END_OF_TIME - 10 }), fc.integer({ min: 0, max: 0xffff }))
  .map(([ms, counter]) => hlcOf(ms, counter))

/** What a wall clock may show: anything near now, far off, before 1970, fractions, or nonsense. */
const wallClocks = fc.oneof(
  fc.integer({ min: 1_764_072_000_000, max: 1_764_072_000_010 }),
  fc.integer({ min: -1_000, max: END_OF_TIME }),
  fc.double({ min: 0, max: 1e12, noNaN: true }),
  fc.constantFrom(0, -1, 8.64e15, Infinity, -Infinity, Number.NaN),
)

describe('a hybrid logical clock', () => {
  it('is written as 13 digits of milliseconds, a dash and 4 hexadecimal digits', () => {
    expect(hlcOf(1_764_072_000_000, 3)).to.equal('1764072000000-0003')
    expect(hlcOf(0, 0)).to.equal(HLC_ZERO)
    expect(hlcOf(7, 0xabcd)).to.equal('0000000000007-abcd')
  })

  it('takes no other form', () => {
    const wrong = [
      '',
      '1764072000000',
      '1764072000000-003',
      '1764072000000-000G',
      '1764072000000-00AB',
      '1764072000000-00003',
      '176407200000-00003',
      ' 1764072000000-0003',
      '1764072000000-0003\n',
      '1764072000000_0003',
      '-764072000000-0003',
    ]
    for (const text of wrong) expect(hlcSchema.safeParse(text).success, text).to.equal(false)
    fc.assert(fc.property(stamps, (stamp) => hlcSchema.safeParse(stamp).success))
  })

  it('refuses a time that 13 digits cannot hold', () => {
    for (const ms of [-1, 0.5, END_OF_TIME + 1, Number.NaN]) {
      expect(() => hlcOf(ms, 0), String(ms)).to.throw(RangeError)
    }
  })

  it('sorts as text in the order of time and counter', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: END_OF_TIME }), fc.integer({ min: 0, max: 0xffff })),
        ),
        (parts) => {
          const byNumbers = [...parts].sort(([a, m], [b, n]) => a - b || m - n)
          expect(parts.map(([ms, n]) => hlcOf(ms, n)).sort()).to.deep.equal(
            byNumbers.map(([ms, n]) => hlcOf(ms, n)),
          )
        },
      ),
    )
  })

  it('gives back the milliseconds that went in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: END_OF_TIME }), fc.nat(0xffff), (ms, counter) => {
        expect(hlcMs(hlcOf(ms, counter))).to.equal(ms)
      }),
    )
  })

  it('ticks to a well-formed, greater stamp whatever the wall clock shows', () => {
    fc.assert(
      fc.property(stamps, wallClocks, (last, now) => {
        const next = tickHlc(last, now)
        expect(hlcSchema.safeParse(next).success, next).to.equal(true)
        expect(next > last, `${next} after ${last}`).to.equal(true)
      }),
      { numRuns: 500 },
    )
  })

  it('stays monotone over a whole life of a clock that jumps to and fro', () => {
    fc.assert(
      fc.property(fc.array(wallClocks, { minLength: 2, maxLength: 60 }), (walls) => {
        let last: Hlc = HLC_ZERO
        for (const now of walls.filter((wall) => !(wall > END_OF_TIME - 100))) {
          const next = tickHlc(last, now)
          expect(next > last).to.equal(true)
          last = next
        }
      }),
    )
  })

  it('follows the wall clock when that is ahead, and counts when it is not', () => {
    expect(tickHlc(hlcOf(100, 7), 101)).to.equal(hlcOf(101, 0))
    expect(tickHlc(hlcOf(100, 7), 100)).to.equal(hlcOf(100, 8))
    expect(tickHlc(hlcOf(100, 7), 5)).to.equal(hlcOf(100, 8))
    expect(tickHlc(hlcOf(100, 0x9), 100.9)).to.equal(hlcOf(100, 0xa))
  })

  it('borrows a millisecond from the future when the counter is full', () => {
    expect(tickHlc(hlcOf(100, 0xffff), 100)).to.equal(hlcOf(101, 0))
    expect(tickHlc(hlcOf(100, 0xffff), 101)).to.equal(hlcOf(101, 0))
    expect(tickHlc(hlcOf(100, 0xfffe), 0)).to.equal(hlcOf(100, 0xffff))
  })

  it('names the later of two stamps', () => {
    fc.assert(
      fc.property(stamps, stamps, (left, right) => {
        const later = laterHlc(left, right)
        expect([left, right]).to.include(later)
        expect(later >= left && later >= right).to.equal(true)
        expect(laterHlc(right, left)).to.equal(later)
      }),
    )
  })
})
