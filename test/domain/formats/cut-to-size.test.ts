import { expect } from 'chai'
import fc from 'fast-check'
import { cutToSize } from '../../../domain/formats/cut-to-size.ts'
import { jsonBytes } from '../../../domain/formats/json-size.ts'
import type { JsonValue } from '../../../domain/json.ts'

function cut(value: JsonValue, bytes: number): { rest: JsonValue | undefined; paths: string[] } {
  const paths: string[] = []
  return { rest: cutToSize(value, bytes, (path) => paths.push(path)), paths }
}

describe('cutting a value to size', () => {
  const long = 'x'.repeat(1_000)

  it('leaves alone what fits', () => {
    const value = { a: [1, 2, 3] }
    expect(cut(value, 100)).to.deep.equal({ rest: value, paths: [] })
  })

  it('cuts out the large text and keeps its neighbours', () => {
    const value = { form: { title: 'a', items: [{ label: 'b', help: long }, 1] }, other: 'c' }
    expect(cut(value, 200)).to.deep.equal({
      rest: { form: { title: 'a', items: [{ label: 'b' }, 1] }, other: 'c' },
      paths: ['form.items.0.help'],
    })
  })

  it('leaves a null where an item of a list was', () => {
    expect(cut({ list: ['a', long, 'b'] }, 100)).to.deep.equal({
      rest: { list: ['a', null, 'b'] },
      paths: ['list.1'],
    })
  })

  it('cuts out several where one is not enough', () => {
    const value = { a: long, b: { deep: long }, c: 'short' }
    const { rest, paths } = cut(value, 100)
    expect(rest).to.deep.equal({ b: {}, c: 'short' })
    expect(paths).to.have.members(['a', 'b.deep'])
  })

  it('cuts out a list of many small items as a whole', () => {
    const value = { numbers: Array.from({ length: 1_000 }, (_, index) => index), kept: true }
    expect(cut(value, 100)).to.deep.equal({ rest: { kept: true }, paths: ['numbers'] })
  })

  it('has nothing left of a text', () => {
    expect(cut(long, 100)).to.deep.equal({ rest: undefined, paths: [] })
  })

  it('always fits, and keeps no member that was not there', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })) as fc.Arbitrary<
      Record<string, JsonValue>
    >
    fc.assert(
      fc.property(value, fc.integer({ min: 2, max: 300 }), (any, bytes) => {
        const { rest, paths } = cut(any, bytes)
        expect(jsonBytes(rest)).to.be.at.most(bytes)
        expect(Object.keys(any)).to.include.members(Object.keys(rest as object))
        expect(paths.length > 0).to.equal(jsonBytes(any) > bytes)
      }),
    )
  })
})
