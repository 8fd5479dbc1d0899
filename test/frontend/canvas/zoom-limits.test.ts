import { expect } from 'chai'
import {
  leastZoom,
  MAX_ZOOM,
  MIN_ZOOM,
  zoomAfterWheel,
} from '../../../frontend/canvas/zoom-limits.ts'

const turn = (deltaY: number, deltaMode = 0) => ({ deltaY, deltaMode })

describe('the zoom after a turn of the wheel', () => {
  it('is nearer when it turns up, farther when it turns down, and back where it was after both', () => {
    expect(zoomAfterWheel(1, turn(-100))).to.be.greaterThan(1)
    expect(zoomAfterWheel(1, turn(100))).to.be.lessThan(1)
    expect(zoomAfterWheel(zoomAfterWheel(1, turn(80)), turn(-80))).to.be.closeTo(1, 1e-9)
  })

  it('takes lines for what they are in pixels', () => {
    expect(zoomAfterWheel(1, turn(3, 1))).to.equal(zoomAfterWheel(1, turn(60)))
  })

  it('stays within its bounds, however fast the wheel', () => {
    expect(zoomAfterWheel(MAX_ZOOM, turn(-1e6))).to.equal(MAX_ZOOM)
    expect(zoomAfterWheel(MIN_ZOOM, turn(1e6))).to.equal(MIN_ZOOM)
    expect(zoomAfterWheel(1, turn(1e6))).to.be.greaterThan(0.7)
    expect(zoomAfterWheel(MIN_ZOOM, turn(1e6), 0.05)).to.be.lessThan(MIN_ZOOM)
    expect(zoomAfterWheel(0.05, turn(1e6), 0.05)).to.equal(0.05)
  })
})

describe('the least zoom', () => {
  const view = { width: 1000, height: 600 }
  const wide = (width: number) => [{ x: -50, y: 0, width, height: 60 }]

  it('is the usual one for a small pipeline, an empty one, and a canvas without a size', () => {
    expect(leastZoom(wide(2000), view)).to.equal(MIN_ZOOM)
    expect(leastZoom([], view)).to.equal(MIN_ZOOM)
    expect(leastZoom(wide(2000), { width: 0, height: 0 })).to.equal(MIN_ZOOM)
  })

  it('shows a large pipeline whole, with room around it', () => {
    const least = leastZoom(wide(20_000), view)
    expect(least * 20_000).to.be.within(800, 900)
  })

  it('has an end', () => {
    expect(leastZoom(wide(1e9), view)).to.equal(0.02)
  })
})
