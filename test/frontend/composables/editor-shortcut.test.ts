import { expect } from 'chai'
import { editorShortcut, SHORTCUT_HELP } from '../../../frontend/composables/editor-shortcut.ts'

const press = (key: string, ...held: ('ctrl' | 'meta' | 'alt' | 'shift')[]) =>
  editorShortcut({
    key,
    ctrlKey: held.includes('ctrl'),
    metaKey: held.includes('meta'),
    altKey: held.includes('alt'),
    shiftKey: held.includes('shift'),
  })

describe('the keys of the editor', () => {
  it('undo and redo, with Ctrl or Cmd', () => {
    expect([press('z', 'ctrl'), press('z', 'meta')]).to.deep.equal(['undo', 'undo'])
    expect([press('Z', 'ctrl', 'shift'), press('y', 'ctrl')]).to.deep.equal(['redo', 'redo'])
  })
  it('add, fit, help and select by single keys', () => {
    expect([
      press('n'),
      press('f'),
      press('?', 'shift'),
      press('a', 'ctrl'),
      press('d'),
    ]).to.deep.equal(['add', 'fit', 'help', 'select-all', 'toggle-enabled'])
  })
  it('leave the browser’s own keys alone', () => {
    expect([
      press('n', 'ctrl'),
      press('f', 'ctrl'),
      press('d', 'meta'),
      press('z', 'alt'),
      press('N', 'shift'),
      press('a', 'ctrl', 'shift'),
      press('Tab'),
      press('z'),
    ]).to.deep.equal(Array(8).fill(null))
  })
  it('are in the help, each once', () => {
    const keys = SHORTCUT_HELP.flatMap(({ shortcuts }) => shortcuts.flatMap((one) => one.keys))
    expect(new Set(keys).size).to.equal(keys.length)
    expect(keys).to.include.members(['Ctrl Z', 'Ctrl A', 'Delete', 'N', 'F', '?', 'D'])
    expect(keys).to.include.members(['Shift drag', 'Ctrl click', 'Space drag'])
  })
})
