import { expect } from 'chai'
import { wirePath } from '../../../frontend/canvas/wire-path.ts'

const ends = (sourceX: number, sourceY: number, targetX: number, targetY: number) => ({
  sourceX,
  sourceY,
  targetX,
  targetY,
})

describe('the line of a connection', () => {
  it('is one curve from its source to its target when it leads forward', () => {
    const { d, middle } = wirePath(ends(0, 0, 200, 100))
    expect(d).to.match(/^M0,0 C.* 200,100$/)
    expect(d.match(/C/g)).to.have.length(1)
    expect(middle).to.deep.equal({ x: 100, y: 50 })
  })

  it('passes below both ends when it leads back', () => {
    const { d, middle } = wirePath(ends(500, 0, 0, 40))
    expect(d).to.match(/^M500,0 C.* 0,40$/)
    expect(middle.x).to.equal(250)
    expect(middle.y).to.be.greaterThan(40 + 58)
  })

  it('passes between its ends when there is room for it', () => {
    expect(wirePath(ends(500, 0, 0, 400)).middle).to.deep.equal({ x: 250, y: 200 })
  })

  it('has its label on no card', () => {
    const card = (y: number) => ({ x: 180, y, width: 188, height: 58 })
    const { y } = wirePath(ends(500, 0, 0, 0)).middle
    const cards = [card(y + 60), card(y - 20)]
    const clear = wirePath(ends(500, 0, 0, 0), () => cards).middle.y
    for (const { y: top, height } of cards) {
      expect(clear < top - 10 || clear > top + height + 10).to.equal(true)
    }
  })

  it('asks for the cards only when it leads back', () => {
    const never = () => {
      throw new Error('asked')
    }
    expect(() => wirePath(ends(0, 0, 200, 0), never)).to.not.throw()
    expect(() => wirePath(ends(200, 0, 0, 0), never)).to.throw('asked')
  })

  it('hangs straight down between what uses and what is used', () => {
    const { d } = wirePath({ ...ends(100, 300, 100, 100), hangs: true })
    expect(d).to.equal('M100,300 C100,200 100,200 100,100')
  })
})
