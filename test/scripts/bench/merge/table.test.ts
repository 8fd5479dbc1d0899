import { expect } from 'chai'
import {
  printRatio,
  tableLines,
  timesAhead,
  type TableRow,
} from '../../../../scripts/bench/merge/table.ts'

describe('a table of figures', () => {
  const row = (label: string, better: 'more' | 'less', values: Record<string, number>) => {
    return { label, better, print: String, values: new Map(Object.entries(values)) } as TableRow
  }

  it('says how far the first is ahead, whichever way is better', () => {
    const lines = tableLines(
      ['own', 'other', 'third'],
      [
        row('speed', 'more', { own: 300, other: 100, third: 400 }),
        row('bytes', 'less', { own: 30, other: 60 }),
        row('theirs', 'less', { other: 5 }),
      ],
    )
    expect(lines).to.deep.equal([
      '        own       other        third',
      'speed   300  100 (x3.0)  400 (x0.75)',
      'bytes    30   60 (x2.0)            -',
      'theirs    -           5            -',
    ])
  })

  it('is ahead above one and behind below', () => {
    expect(timesAhead(300, 100, 'more')).to.equal(3)
    expect(timesAhead(300, 100, 'less')).to.be.closeTo(1 / 3, 1e-12)
  })

  it('prints ratios of any size', () => {
    expect([0.048, 0.5, 1, 9.94, 23.4, 12_345].map(printRatio)).to.deep.equal([
      ...['0.05', '0.50', '1.0', '9.9', '23', '12,345'],
    ])
  })
})
