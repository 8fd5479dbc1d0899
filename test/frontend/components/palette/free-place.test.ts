import { expect } from 'chai'
import fc from 'fast-check'
import { GRID } from '../../../../frontend/canvas/geometry.ts'
import { freePlace, type TakenPlace } from '../../../../frontend/components/palette/free-place.ts'

const NOTE = { width: 240, height: 100 }
const coordinate = fc.integer({ min: -2000, max: 2000 })
const placement = fc.record({ x: coordinate, y: coordinate })
const size = fc.record({
  width: fc.integer({ min: 100, max: 600 }),
  height: fc.integer({ min: 50, max: 400 }),
})
const taken = fc.array(fc.record({ placement, size }), { maxLength: 30 })

const overlap = (a: TakenPlace, b: TakenPlace) =>
  a.placement.x < b.placement.x + b.size.width &&
  b.placement.x < a.placement.x + a.size.width &&
  a.placement.y < b.placement.y + b.size.height &&
  b.placement.y < a.placement.y + a.size.height

describe('a new thing on the canvas', () => {
  it('lands in the middle of an empty view', () => {
    expect(freePlace({ x: 500, y: 300 }, NOTE, [])).to.deep.equal({ x: 380, y: 250 })
  })

  it('lies on the grid and on nothing else, wherever and however large that is', () => {
    fc.assert(
      fc.property(placement, size, taken, (centre, own, others) => {
        const at = freePlace(centre, own, others)
        expect([at.x % GRID, at.y % GRID].map(Math.abs)).to.deep.equal([0, 0])
        for (const other of others) {
          expect(overlap({ placement: at, size: own }, other), JSON.stringify(other)).to.equal(
            false,
          )
        }
      }),
    )
  })
})
