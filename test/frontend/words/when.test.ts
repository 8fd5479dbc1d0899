import { expect } from 'chai'
import {
  clockWords,
  dayWords,
  durationWords,
  exactWords,
  whenWords,
} from '../../../frontend/words/when.ts'

const at = (...parts: [number, number, number, number?, number?, number?]) =>
  new Date(...(parts as [number, number, number])).getTime()
const now = at(2026, 10, 12, 14, 6, 31)

describe('a time in words', () => {
  for (const [words, ms] of [
    ['just now', now - 59_000],
    ['just now', now + 5_000],
    ['1 min ago', now - 60_000],
    ['59 min ago', now - 59 * 60_000],
    ['12:30', at(2026, 10, 12, 12, 30)],
    ['00:05', at(2026, 10, 12, 0, 5)],
    ['yesterday 23:50', at(2026, 10, 11, 23, 50)],
    ['10 Nov 08:00', at(2026, 10, 10, 8, 0)],
    ['31 Dec 2025 08:00', at(2025, 11, 31, 8, 0)],
  ] as const) {
    it(`is "${words}" for ${exactWords(ms)}`, () => expect(whenWords(ms, now)).to.equal(words))
  }

  it('names yesterday by the calendar, not by 24 hours', () => {
    const early = at(2026, 10, 12, 1, 0)
    expect(whenWords(at(2026, 10, 10, 23, 59), early)).to.equal('10 Nov 23:59')
    expect(whenWords(at(2026, 10, 11, 0, 1), early)).to.equal('yesterday 00:01')
  })

  it('gives the whole moment for a tooltip', () => {
    expect(exactWords(now)).to.equal('12 Nov 2026, 14:06:31')
    expect(clockWords(at(2026, 0, 2, 9, 5))).to.equal('09:05')
  })

  it('names the year of a day only where it is another', () => {
    expect(dayWords(at(2026, 0, 2), now)).to.equal('2 Jan')
    expect(dayWords(at(2024, 1, 29), now)).to.equal('29 Feb 2024')
  })
})

describe('a length of time in words', () => {
  for (const [ms, words] of [
    [-5, '0 s'],
    [12_999, '12 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3 * 3_600_000, '3 h'],
    [24 * 3_600_000, '1 day'],
    [80 * 3_600_000, '3 days'],
  ] as const) {
    it(`is ${words} for ${ms} ms`, () => expect(durationWords(ms)).to.equal(words))
  }
})
