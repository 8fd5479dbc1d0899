import { expect } from 'chai'
import { MAX_ZOOM, MIN_ZOOM, zoomAfterWheel } from '../../../frontend/canvas/use-canvas-view.ts'

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
  })
})
