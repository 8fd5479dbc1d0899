import { expect } from 'chai'
import { keyCommand, type Keystroke } from '../../../frontend/canvas/canvas-keys.ts'

const stroke = (key: string, held: Partial<Keystroke> = {}): Keystroke => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
})

describe('a key on the canvas', () => {
  it('removes, clears, fits, zooms, opens and renames', () => {
    const keys = ['Delete', 'Backspace', 'Escape', 'f', 'F', '1', '0', '+', '-', 'Enter', 'F2']
    expect(keys.map((key) => keyCommand(stroke(key))?.do)).to.deep.equal([
      ...['remove', 'remove', 'clear', 'fit', 'fit', 'fit', 'zoom-reset', 'zoom-in', 'zoom-out'],
      ...['open', 'rename'],
    ])
  })

  it('moves the selection by a line of the grid, with Shift by five', () => {
    expect(keyCommand(stroke('ArrowLeft'))).to.deep.equal({ do: 'nudge', x: -1, y: 0 })
    const leap = keyCommand(stroke('ArrowDown', { shiftKey: true }))
    expect(leap).to.deep.equal({ do: 'nudge', x: 0, y: 5 })
  })

  it('selects all with Ctrl or Cmd and A', () => {
    expect(keyCommand(stroke('a', { ctrlKey: true }))).to.deep.equal({ do: 'select-all' })
    expect(keyCommand(stroke('a', { metaKey: true }))).to.deep.equal({ do: 'select-all' })
  })

  it('leaves everything else to the page and the browser', () => {
    const others = [
      ...[stroke('a'), stroke('z', { ctrlKey: true }), stroke('f', { ctrlKey: true })],
      ...[stroke('ArrowLeft', { altKey: true }), stroke('Backspace', { metaKey: true })],
      ...[stroke(' '), stroke('Tab'), stroke('constructor'), stroke('__proto__')],
    ]
    for (const other of others) expect(keyCommand(other), other.key).to.equal(null)
  })
})
