import { expect } from 'chai'
import fc from 'fast-check'
import type { JsonValue } from '../../../../domain/json.ts'
import {
  fieldInput,
  readInput,
  readText,
  textOfValue,
  type InputKind,
} from '../../../../frontend/components/inspector/field-input.ts'

const kindOf = (key: string, value?: JsonValue, fallback?: JsonValue, kind = 'http') =>
  fieldInput(kind, key, value, fallback).kind

describe('a text that may not be empty', () => {
  const input = { kind: 'plain', missing: 'A name is needed.' } as const

  it('is refused with the reason where nothing is seen of it, and read as any other else', () => {
    const refused = { ok: false, message: 'A name is needed.' }
    expect(readInput(input, '')).to.deep.equal(refused)
    expect(readInput(input, ' \t')).to.deep.equal(refused)
    expect(readInput(input, 'Fetch')).to.deep.equal({ ok: true, value: 'Fetch' })
    expect(readInput({ kind: 'plain' }, '')).to.deep.equal({ ok: true, value: '' })
  })
})

describe('the input of a field', () => {
  it('follows the type of the value on show', () => {
    expect(kindOf('a', true)).to.equal('switch')
    expect(kindOf('a', 3)).to.equal('number')
    expect(kindOf('a', 'x')).to.equal('text')
    expect(kindOf('a', { b: 1 })).to.equal('json')
    expect(kindOf('a', [])).to.equal('json')
    expect(kindOf('a', null)).to.equal('json')
  })
  it('follows the default where nothing is set', () => {
    expect(kindOf('a', undefined, 30)).to.equal('number')
    expect(kindOf('a', undefined, undefined)).to.equal('text')
  })
  it('never takes an input of another type for a value that is there', () => {
    expect(kindOf('timeout', 'a while', 30)).to.equal('text')
    expect(kindOf('method', { custom: true }, 'GET')).to.equal('json')
  })
  it('offers the choices of a known key, but not for a value outside of them', () => {
    expect(fieldInput('http', 'method', 'GET', 'GET').choices).to.include('DELETE')
    expect(kindOf('method', '{{ $json.method }}', 'GET')).to.equal('text')
    expect(kindOf('method', 'GET', 'GET', 'elsewhere')).to.equal('text')
  })
  it('gives code and long texts more than one line', () => {
    expect(kindOf('source', '')).to.equal('code')
    expect(kindOf('jsCode', '')).to.equal('code')
    expect(kindOf('prompt', 'Hi')).to.equal('multiline')
    expect(kindOf('a', 'x'.repeat(61))).to.equal('multiline')
    expect(kindOf('a', 'one\ntwo')).to.equal('multiline')
  })
})

describe('reading what was typed', () => {
  it('reads numbers with a point or a comma, and clears on nothing', () => {
    expect(readText('number', ' 1.5 ')).to.deep.equal({ ok: true, value: 1.5 })
    expect(readText('number', '1,5')).to.deep.equal({ ok: true, value: 1.5 })
    expect(readText('number', '  ')).to.deep.equal({ ok: true, value: undefined })
    for (const text of ['abc', '1e999', '1 2', 'NaN']) {
      expect(readText('number', text), text).to.deep.equal({
        ok: false,
        message: 'This is not a number.',
      })
    }
  })
  it('keeps an empty text as a text', () => {
    expect(readText('text', '')).to.deep.equal({ ok: true, value: '' })
  })
  it('says on which line JSON is wrong', () => {
    const wrong = readText('json', '{\n  "a": 1,\n  "b": }\n')
    expect(wrong).to.include({ ok: false })
    expect((wrong as { message: string }).message).to.contain('line 3')
  })
  it('refuses what cannot be stored', () => {
    for (const [kind, text] of [
      ['json', '{"__proto__": 1}'],
      ['json', '"\\u0000"'],
      ['text', 'a\u0000b'],
      ['json', '['.repeat(70) + ']'.repeat(70)],
    ] as [InputKind, string][]) {
      expect(readText(kind, text), text).to.include({ ok: false })
    }
  })
  it('gives back every value that it showed', () => {
    const storable = fc.jsonValue({ depthSize: 'small' }) as fc.Arbitrary<JsonValue>
    fc.assert(
      fc.property(storable, (value) => {
        const { kind } = fieldInput('http', 'anything', value, undefined)
        if (kind === 'switch') return
        const read = readText(kind, textOfValue(kind, value))
        if (!read.ok) return
        expect(read.value).to.deep.equal(
          Object.is(value, -0) ? 0 : JSON.parse(JSON.stringify(value)),
        )
      }),
    )
  })
})
