import { expect } from 'chai'
import { columnLayout } from '../../../domain/formats/column-layout.ts'

describe('a layout in columns', () => {
  it('puts every step behind the last of those that lead to it', () => {
    const layout = columnLayout(
      ['d', 'a', 'b', 'c', 'alone'],
      [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c' },
        { from: 'c', to: 'd' },
        { from: 'a', to: 'd' },
        { from: 'somewhere else', to: 'a' },
      ],
      { x: 100, y: 10 },
    )
    expect(Object.fromEntries(layout)).to.deep.equal({
      a: { x: 100, y: 10 },
      alone: { x: 100, y: 170 },
      b: { x: 420, y: 10 },
      c: { x: 740, y: 10 },
      d: { x: 1_060, y: 10 },
    })
  })
})
