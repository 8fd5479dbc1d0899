import { expect } from 'chai'
import fc from 'fast-check'
import { jsonErrorLine } from '../../../../frontend/components/inspector/json-error-line.ts'

const isJson = (text: string) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('where a text stops being JSON', () => {
  for (const [text, line] of [
    ['{\n  "a": 1,\n  "b": }\n', 3],
    ['{\n  "a": 1\n  "b": 2\n}', 3],
    ['{\n  "a": [1, 2,\n]\n}', 3],
    ['{ "a": 1 }\n\nmore', 3],
    ['', 1],
    ['{', 1],
    ["{'a': 1}", 1],
    ['[01]', 1],
    ['"a\nb"', 1],
    ['[1, 2}', 1],
  ] as const) {
    it(`is line ${line} of ${JSON.stringify(text)}`, () =>
      expect(jsonErrorLine(text)).to.equal(line))
  }

  it('is nowhere in what is JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(jsonErrorLine(JSON.stringify(value, null, indent))).to.equal(null)
      }),
    )
  })

  it('agrees with the engine on every text made of JSON’s parts', () => {
    const part = fc.constantFrom(
      ...['{', '}', '[', ']', ':', ',', '"a"', '1', '-', 'true', ' ', '\n', '.5', '"'],
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        const text = parts.join('')
        expect(jsonErrorLine(text) === null, text).to.equal(isJson(text))
      }),
      { numRuns: 3000 },
    )
  })
})
