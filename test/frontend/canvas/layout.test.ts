import { expect } from 'chai'
import fc from 'fast-check'
import { STEP_HEIGHT, STEP_WIDTH } from '../../../frontend/canvas/geometry.ts'
import {
  layoutRequest,
  type LaidConnection,
  type LaidStep,
} from '../../../frontend/canvas/laid-steps.ts'
import { laidOut, notesAlong } from '../../../frontend/canvas/layout.ts'
import { connection, step } from './canvas-view.ts'

const box = (id: string, x = 0, y = 0, height = STEP_HEIGHT): LaidStep => ({
  id,
  placement: { x, y },
  height,
})
const wire = (from: string, to: string, hangs = false): LaidConnection => ({ from, to, hangs })

const anyGraph = (maySteps: number) =>
  fc
    .record({
      places: fc.array(
        fc.tuple(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -2000, max: 2000 })),
        { minLength: 1, maxLength: maySteps },
      ),
      wires: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { maxLength: 2 * maySteps }),
    })
    .map(({ places, wires }) => ({
      steps: places.map(([x, y], index) => box(`s${index}`, x, y, index % 5 ? STEP_HEIGHT : 120)),
      wires: wires.map(([from, to, hangs]) =>
        wire(`s${from % places.length}`, `s${to % places.length}`, hangs),
      ),
    }))

describe('a pipeline that is laid out', () => {
  it('runs from left to right along its connections', () => {
    const placed = laidOut([box('a'), box('b'), box('c')], [wire('a', 'b'), wire('b', 'c')])
    const xs = ['a', 'b', 'c'].map((id) => placed.get(id)!.x)
    expect(xs[1]! - xs[0]!).to.be.greaterThan(STEP_WIDTH)
    expect(xs[2]! - xs[1]!).to.be.greaterThan(STEP_WIDTH)
    expect(new Set(['a', 'b', 'c'].map((id) => placed.get(id)!.y)).size).to.equal(1)
  })

  it('places every step once, on the grid, over no other, in the corner where it was', () => {
    fc.assert(
      fc.property(anyGraph(14), ({ steps, wires }) => {
        const placed = laidOut(steps, wires)
        expect([...placed.keys()].sort()).to.deep.equal(steps.map(({ id }) => id).sort())
        const rects = steps.map(({ id, height }) => ({ ...placed.get(id)!, height }))
        for (const { x, y } of rects) expect([x % 10, y % 10].map(Math.abs)).to.deep.equal([0, 0])
        rects.forEach((a, index) => {
          for (const b of rects.slice(index + 1)) {
            const apart =
              Math.abs(a.x - b.x) >= STEP_WIDTH ||
              (a.y < b.y ? b.y - a.y >= a.height : a.y - b.y >= b.height)
            expect(apart, JSON.stringify([a, b])).to.equal(true)
          }
        })
        const corner = (axis: 'x' | 'y') =>
          Math.min(...rects.map((rect) => rect[axis])) -
          Math.min(...steps.map(({ placement }) => placement[axis]))
        expect(Math.abs(corner('x'))).to.be.at.most(5)
        expect(Math.abs(corner('y'))).to.be.at.most(5)
      }),
      { numRuns: 60 },
    )
  })

  it('looks the same whatever the order in which its steps arrive', () => {
    fc.assert(
      fc.property(anyGraph(10), ({ steps, wires }) => {
        const there = laidOut(steps, wires)
        const back = laidOut([...steps].reverse(), wires)
        for (const [id, place] of there) expect(back.get(id)).to.deep.equal(place)
      }),
      { numRuns: 40 },
    )
  })

  it('stays as it is when it is a chain or a tree that was laid out before', () => {
    const steps = [box('a'), box('b', 0, 10), box('c', 0, 20), box('d', 0, 30)]
    const wires = [wire('a', 'b'), wire('a', 'c'), wire('c', 'd')]
    const once = laidOut(steps, wires)
    const again = laidOut(
      steps.map((one) => ({ ...one, placement: once.get(one.id)! })),
      wires,
    )
    expect([...again]).to.have.deep.members([...once])
  })

  it('keeps parts that do not hang together in the order in which they stood', () => {
    const steps = [box('low1', 0, 500), box('low2', 300, 500), box('up1', 0, 0), box('up2', 300, 0)]
    const placed = laidOut(steps, [wire('low1', 'low2'), wire('up1', 'up2')])
    expect(placed.get('low1')!.y).to.be.greaterThan(placed.get('up1')!.y + STEP_HEIGHT)
  })

  it('does not stumble over cycles, loops and ends that are missing', () => {
    const steps = [box('a'), box('b')]
    const wires = [wire('a', 'b'), wire('b', 'a'), wire('a', 'a'), wire('a', 'gone')]
    expect([...laidOut(steps, wires).keys()].sort()).to.deep.equal(['a', 'b'])
    expect([...laidOut([], wires)]).to.deep.equal([])
  })
})

describe('a step that uses others', () => {
  const wires = [
    wire('start', 'agent'),
    wire('model', 'agent', true),
    wire('tool', 'agent', true),
    wire('parser', 'tool', true),
  ]
  const steps = ['start', 'agent', 'model', 'tool', 'parser'].map((id, index) => box(id, index * 9))

  it('has them below it, and they have below them what they use', () => {
    const placed = laidOut(steps, wires)
    const [agent, model, tool, parser] = ['agent', 'model', 'tool', 'parser'].map((id) =>
      placed.get(id)!,
    ) as [{ x: number; y: number }, ...{ x: number; y: number }[]]
    expect(model!.y).to.be.greaterThan(agent.y + STEP_HEIGHT)
    expect(tool!.y).to.equal(model!.y)
    expect(parser!.y).to.be.greaterThan(tool!.y + STEP_HEIGHT)
    expect(model!.x).to.be.lessThan(tool!.x)
  })

  it('does not mind that they use each other in a circle', () => {
    const circle = [wire('a', 'b', true), wire('b', 'a', true)]
    expect(laidOut([box('a'), box('b')], circle).size).to.equal(2)
  })
})

describe('a request for a layout', () => {
  it('counts active connections only, the upper ports first', () => {
    const steps = [step('if', 0, 0, { kind: 'condition' }), step('yes'), step('no')]
    const { connections } = layoutRequest(steps, [
      connection('if', 'no', { out: 'out1' }),
      connection('if', 'yes', { out: 'out0' }),
      connection('yes', 'if', { status: 'suspended', blockedBy: [] }),
      connection('if', 'gone', { status: 'dangling' }),
    ])
    expect(connections).to.deep.equal([wire('if', 'yes'), wire('if', 'no')])
  })

  it('knows that a card with many ports is higher', () => {
    const many = Array.from({ length: 12 }, (_, index) =>
      connection('a', 'b', { out: `out${index}` }),
    )
    const [a, b] = layoutRequest([step('a'), step('b')], many).steps
    expect(a!.height).to.be.greaterThan(2 * STEP_HEIGHT)
    expect(b!.height).to.equal(STEP_HEIGHT)
  })
})

describe('a note when the steps under it move', () => {
  const size = { width: 400, height: 200 }

  it('goes along by as far as they did on average', () => {
    const steps = [box('a', 0, 0), box('b', 100, 0), box('far', 5000, 0)]
    const placements = new Map([
      ['a', { x: 100, y: 0 }],
      ['b', { x: 300, y: 40 }],
      ['far', { x: 0, y: 0 }],
    ])
    const notes = [{ id: 'n', placement: { x: -50, y: -50 }, size }]
    expect([...notesAlong(notes, steps, placements)]).to.deep.equal([['n', { x: 100, y: -30 }]])
  })

  it('stays when it lies under none', () => {
    const notes = [{ id: 'n', placement: { x: 9000, y: 0 }, size }]
    expect(notesAlong(notes, [box('a')], new Map([['a', { x: 50, y: 50 }]])).size).to.equal(0)
  })
})
