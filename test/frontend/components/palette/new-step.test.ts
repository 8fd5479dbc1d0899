import { expect } from 'chai'
import fc from 'fast-check'
import { GRID, STEP_HEIGHT, STEP_WIDTH } from '../../../../frontend/canvas/geometry.ts'
import { freeName, freePlacement } from '../../../../frontend/components/palette/new-step.ts'

const coordinate = fc.integer({ min: -2000, max: 2000 })
const placement = fc.record({ x: coordinate, y: coordinate })

describe('a step that is added from the palette', () => {
  it('lands in the middle of an empty view', () => {
    expect(freePlacement({ x: 500, y: 300 }, [])).to.deep.equal({ x: 410, y: 270 })
  })

  it('lands beside the one that lies there', () => {
    const first = freePlacement({ x: 500, y: 300 }, [])
    const second = freePlacement({ x: 500, y: 300 }, [{ placement: first }])
    expect(second.y).to.equal(first.y)
    expect(second.x).to.be.greaterThan(first.x + STEP_WIDTH)
  })

  it('lies on the grid and on no other card, wherever those are', () => {
    fc.assert(
      fc.property(placement, fc.array(placement, { maxLength: 40 }), (centre, spots) => {
        const at = freePlacement(
          centre,
          spots.map((spot) => ({ placement: spot })),
        )
        expect([at.x % GRID, at.y % GRID].map(Math.abs)).to.deep.equal([0, 0])
        for (const spot of spots) {
          const apart =
            Math.abs(spot.x - at.x) >= STEP_WIDTH || Math.abs(spot.y - at.y) >= STEP_HEIGHT
          expect(apart, JSON.stringify({ at, spot })).to.equal(true)
        }
      }),
    )
  })

  it('has a name that no other step has', () => {
    const steps = (...names: string[]) => names.map((name) => ({ name }))
    expect(freeName('Code', [])).to.equal('Code')
    expect(freeName('Code', steps('Code'))).to.equal('Code 2')
    expect(freeName('Code', steps('Code', 'Code 2', 'Code 3'))).to.equal('Code 4')
  })
})
