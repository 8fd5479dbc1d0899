import { expect } from 'chai'
import type { CanvasPresence } from '../../../frontend/canvas/intents.ts'
import { presenceByThing, presenceLabel } from '../../../frontend/canvas/presence-at.ts'

const person = (name: string, rest: Partial<CanvasPresence> = {}): CanvasPresence => ({
  connectionId: name,
  name,
  colour: '#2d6ce9',
  ...rest,
})

describe('people on the canvas', () => {
  it('are at what they have selected, and first at what they edit', () => {
    const a = person('A', { selection: ['s1', 's2'] })
    const b = person('B', { selection: ['s1'], editing: 's1/config.prompt' })
    const at = presenceByThing([a, b])
    expect(at.get('s1')).to.deep.equal([b, a])
    expect(at.get('s2')).to.deep.equal([a])
    expect(at.get('s3')).to.equal(undefined)
  })

  it('are nowhere when they only look on', () => {
    expect(presenceByThing([person('A', { cursor: { x: 1, y: 2 } })]).size).to.equal(0)
    expect(presenceByThing([person('A', { editing: 'no slash' })]).size).to.equal(0)
  })

  it('are shown with the field that they edit, else by their name', () => {
    const b = person('B', { selection: ['s2'], editing: 's1/config.systemPrompt' })
    expect(presenceLabel(b, 's1')).to.equal('editing System prompt')
    expect(presenceLabel(b, 's2')).to.equal('B')
    expect(presenceLabel(person('C', { editing: 's1/name' }), 's1')).to.equal('editing Name')
  })
})
