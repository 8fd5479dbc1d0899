import { expect } from 'chai'
import type { JsonValue } from '../../../../domain/json.ts'
import {
  ByteReader,
  ByteWriter,
  readColumn,
  writeColumn,
} from '../../../../scripts/bench/merge/columns.ts'

function writtenAndRead(values: readonly JsonValue[]): JsonValue[] {
  const writer = new ByteWriter()
  writeColumn(writer, values)
  return readColumn(new ByteReader(writer.finish()), values.length)
}

describe('a column', () => {
  const columns: Record<string, JsonValue[]> = {
    'no values': [],
    'only zeros': [0, 0, 0],
    'whole numbers at the edges of a byte': [0, 255, 256, 65_535, 65_536, 2 ** 32, 2 ** 51 - 1],
    'numbers on both sides of zero': [0, -1, 1, -128, 127, -(2 ** 40), 2 ** 40],
    'numbers that are not whole, or too great': [0.5, 1e21, 2 ** 53],
    'texts that end in numbers': ['s_1', 's_2', 's_0', 's_01', 's_10', 's_', 's_1', 's_99', 's_2'],
    'numbers as texts, with zeros before': ['0', '00', '7', '07', '123456789', '1234567890', '0'],
    'few texts, often': ['go', 'go', 'py', 'go'],
    'texts with a common beginning': ['run a', 'run b', 'run ', 'run'],
    'texts beyond one plane of Unicode': ['\uD83D\uDE00', '\uD83D\uDE01', 'ä'],
    'half a pair of surrogates': ['\uD83D', 'a'],
    'values of several kinds': ['a', 1, null, true, [1], { a: 1 }],
    'the empty text': ['', '', 'a'],
  }
  for (const [name, values] of Object.entries(columns)) {
    it(`is read as it was written: ${name}`, () => {
      expect(writtenAndRead(values)).to.deep.equal(values)
    })
  }

  it('refuses bytes that end too early', () => {
    const writer = new ByteWriter()
    writeColumn(writer, [1, 2, 3])
    const cut = writer.finish().subarray(0, 4)
    expect(() => readColumn(new ByteReader(cut), 3)).to.throw(RangeError)
  })
})
