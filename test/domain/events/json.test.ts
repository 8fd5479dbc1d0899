import { expect } from 'chai'
import fc from 'fast-check'
import { canonicalJson, jsonIssue, MAX_JSON_DEPTH, sameJson } from '../../../domain/json.ts'

const SEED = { seed: 4_219 }
const anyJson = fc.jsonValue({ maxDepth: 4 })

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { in: value }
  return value
}

describe('what may be stored', () => {
  it('is any JSON, with any text, in a plain object', () => {
    const good = [null, true, 0, -0, 1e308, '', '😀\u0001\u{10ffff}', [], {}, { '': [{}] }]
    for (const value of good) expect(jsonIssue(value), canonicalJson(value)).to.equal(null)
    expect(jsonIssue(Object.assign(Object.create(null), { a: 1 }))).to.equal(null)
  })

  it('is no text with U+0000, as a value or as a key, however deep', () => {
    for (const value of ['\u0000', 'a\u0000b', { a: ['x', { b: '\u0000' }] }, { 'k\u0000': 1 }]) {
      expect(jsonIssue(value), JSON.stringify(value)).to.include('U+0000')
    }
  })

  it('is no text with half a character, and any pair of halves is fine', () => {
    for (const value of ['\ud800', 'a\udc00', '\udc00\ud800', { a: ['\udfff'] }, { '\ud83d': 1 }]) {
      expect(jsonIssue(value), JSON.stringify(value)).to.include('half a character')
    }
    expect(jsonIssue('\ud83d\ude00')).to.equal(null)
  })

  it('has no key that reaches an object’s prototype, wherever it stands', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const value = JSON.parse(`{"a":[{"${key}":{"polluted":true}}]}`) as unknown
      expect(jsonIssue(value), key).to.equal(`a.0.${key} is not an allowed key`)
      expect(jsonIssue({ a: key }), 'as a value').to.equal(null)
    }
  })

  it('is nothing that JSON cannot say', () => {
    const wrong = [undefined, Number.NaN, Infinity, 1n, Symbol('s'), () => 1, new Date(0)]
    for (const value of [...wrong, Buffer.from('x'), new Map(), [undefined], { a: undefined }]) {
      expect(jsonIssue(value), String(value)).to.be.a('string')
    }
  })

  it('is nested to a bound, and asking about what is deeper does not exhaust the stack', () => {
    expect(jsonIssue(nested(MAX_JSON_DEPTH))).to.equal(null)
    expect(jsonIssue(nested(MAX_JSON_DEPTH + 1))).to.include('deeper')
    expect(jsonIssue(nested(100_000))).to.include('deeper')
  })

  it('says where the trouble is', () => {
    expect(jsonIssue({ config: { url: 'a\u0000' } })).to.equal('config.url holds U+0000')
    expect(jsonIssue({ list: [1, Infinity] })).to.equal('list.1 is not a finite number')
  })
})

describe('canonical JSON', () => {
  it('is one text for one value, whatever the order of its keys', () => {
    const reordered = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reordered)
      if (value === null || typeof value !== 'object') return value
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([k, v]) => [k, reordered(v)]),
      )
    }
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(canonicalJson(reordered(value))).to.equal(canonicalJson(value))
        expect(JSON.parse(canonicalJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)))
      }),
      SEED,
    )
  })

  it('sorts keys by UTF-16 code units and prints as RFC 8785 shows', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect([...canonicalJson(value).matchAll(/:"([^ "]+)/g)].map(([, word]) => word)).to.deep.equal(
      ['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji:', 'Hebrew'],
    )
    expect(canonicalJson([1e30, 4.5, 2e-3, 1e-27, -0, Number('333333333.33333329')])).to.equal(
      '[1e+30,4.5,0.002,1e-27,0,333333333.3333333]',
    )
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).to.equal(
      '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
    )
  })

  it('leaves out members that are undefined, as JSON does', () => {
    expect(canonicalJson({ b: 1, a: undefined })).to.equal('{"b":1}')
  })

  it('is the same exactly for values that are the same', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (left, right) => {
        expect(sameJson(left, right)).to.equal(canonicalJson(left) === canonicalJson(right))
        expect(sameJson(left, structuredClone(left))).to.equal(true)
      }),
      SEED,
    )
    expect(sameJson(undefined, null), 'absent is not null').to.equal(false)
    expect(sameJson(undefined, undefined)).to.equal(true)
    expect(sameJson(1, '1')).to.equal(false)
    expect(sameJson([], {})).to.equal(false)
  })
})
