import { expect } from 'chai'
import fc from 'fast-check'
import { noteLines } from '../../../frontend/canvas/note-text.ts'

const only = (text: string) => noteLines(text)[0]!

describe('the text of a note', () => {
  it('has headings, bullets and plain lines', () => {
    const kinds = noteLines('## Step 1\n- one\n* two\n#tag\nplain').map((line) => line.kind)
    expect(kinds).to.deep.equal(['heading', 'bullet', 'bullet', 'text', 'text'])
  })

  it('has bold words and links', () => {
    expect(only('See **this** at [the docs](https://a.example/x?y=1), now').spans).to.deep.equal([
      { kind: 'text', text: 'See ' },
      { kind: 'bold', text: 'this' },
      { kind: 'text', text: ' at ' },
      { kind: 'link', text: 'the docs', href: 'https://a.example/x?y=1' },
      { kind: 'text', text: ', now' },
    ])
    expect(only('https://a.example').spans).to.deep.equal([
      { kind: 'link', text: 'https://a.example', href: 'https://a.example' },
    ])
  })

  it('links to nothing but the web', () => {
    for (const href of [
      'javascript:alert(1)',
      'data:text/html,x',
      ' JAVASCRIPT:x',
      '//a.example',
    ]) {
      const links = only(`[press](${href})`).spans.filter((span) => span.kind === 'link')
      expect(links, href).to.deep.equal([])
    }
  })

  it('loses no word of what is not formatted', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '*', '[', ']', '#', '\n') }),
        (text) => {
          const shown = noteLines(text).flatMap((line) => line.spans.map((span) => span.text))
          expect(shown.join('').replace(/[^a]/g, '')).to.equal(text.replace(/[^a]/g, ''))
        },
      ),
    )
  })
})
