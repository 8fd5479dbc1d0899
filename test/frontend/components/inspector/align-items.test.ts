import { expect } from 'chai'
import fc from 'fast-check'
import {
  aligned,
  type Alignment,
  type PlacedItem,
} from '../../../../frontend/components/inspector/align-items.ts'

const item = (id: string, x: number, y: number, width = 188, height = 58): PlacedItem => ({
  id,
  placement: { x, y },
  size: { width, height },
})
const items = [item('a', 0, 0), item('b', 300, 40), item('c', 500, 200, 100, 100)]
const places = (alignment: Alignment, of = items) => Object.fromEntries(aligned(of, alignment))

describe('aligning what is selected', () => {
  it('moves only what has to move', () => {
    expect(places('left')).to.deep.equal({ b: { x: 0, y: 40 }, c: { x: 0, y: 200 } })
    expect(places('top')).to.deep.equal({ b: { x: 300, y: 0 }, c: { x: 500, y: 0 } })
  })
  it('takes the sizes into account', () => {
    expect(places('right')).to.deep.equal({ a: { x: 412, y: 0 }, b: { x: 412, y: 40 } })
    expect(places('bottom')).to.deep.equal({ a: { x: 0, y: 242 }, b: { x: 300, y: 242 } })
    expect(places('centre')).to.deep.equal({
      a: { x: 206, y: 0 },
      b: { x: 206, y: 40 },
      c: { x: 250, y: 200 },
    })
  })
  it('gives all gaps one width, and leaves the ends where they are', () => {
    const spread = [item('c', 900, 0), item('a', 0, 0), item('b', 250, 10)]
    expect(places('across', spread)).to.deep.equal({ b: { x: 450, y: 10 } })
    expect(places('down', [item('a', 0, 0), item('b', 0, 500)])).to.deep.equal({})
  })
  it('has nothing left to do when it is done again', () => {
    const placed = fc.record({
      x: fc.integer({ min: -5000, max: 5000 }),
      y: fc.integer({ min: -5000, max: 5000 }),
    })
    const ways: Alignment[] = [
      'left',
      'centre',
      'right',
      'top',
      'middle',
      'bottom',
      'across',
      'down',
    ]
    fc.assert(
      fc.property(fc.array(placed, { maxLength: 8 }), fc.constantFrom(...ways), (spots, way) => {
        const before = spots.map(({ x, y }, index) => item(`i${index}`, x, y))
        const moved = aligned(before, way)
        const after = before.map((one) => ({
          ...one,
          placement: moved.get(one.id) ?? one.placement,
        }))
        expect([...aligned(after, way)]).to.deep.equal([])
      }),
    )
  })
})
