import { expect } from 'chai'
import fc from 'fast-check'
import { z } from 'zod'
import { accepts } from '../../../domain/events/accepts.ts'
import {
  acceptsPayload,
  pipelineEventPayloads,
  type PipelineEventType,
} from '../../../domain/events/pipeline-events.ts'
import { limits } from '../../../domain/limits.ts'
import { samplePayloads } from './sample-payloads.ts'

const types = Object.keys(samplePayloads) as PipelineEventType[]

/** Values that are nearly right: where a schema draws its line. */
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    ...[undefined, null, '', ' ', 'acyclic', 'free', '__proto__', 'constructor', [], {}],
    ...[Number.NaN, Infinity, 0, -0, 1, 0.5, limits.coordinate, limits.coordinate + 1],
    ...[limits.lineCharacters, limits.lineCharacters + 1].map((length) => 'l'.repeat(length)),
    ...['0189c000-0000-7000-8000-000000000000', '0189C000-0000-7000-8000-000000000000'],
  ),
)

/** A sample payload with one of its members, at any depth, replaced, removed or added. */
const nearlyRight = fc
  .constantFrom(...types)
  .chain((type) =>
    fc
      .tuple(
        fc.constantFrom(...samplePayloads[type]),
        fc.nat(),
        fc.constantFrom('replace', 'remove', 'add'),
        anyValue,
      )
      .map(([payload, at, how, value]) => ({ type, payload: changed(payload, at, how, value) })),
  )

function changed(payload: object, at: number, how: string, value: unknown): unknown {
  const copy = structuredClone(payload) as Record<string, unknown>
  const records = [copy, ...Object.values(copy).filter(isRecord)]
  const record = records[at % records.length]!
  const keys = Object.keys(record)
  const key = keys[at % Math.max(1, keys.length)]
  if (how === 'add' || key === undefined) record['added'] = value
  else if (how === 'remove') Reflect.deleteProperty(record, key)
  else record[key] = value
  return copy
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

describe('the plain answer of a schema', () => {
  it('is the answer of its parse, for every payload', () => {
    let taken = 0
    fc.assert(
      fc.property(nearlyRight, ({ type, payload }) => {
        const answer = acceptsPayload.get(type)!(payload)
        expect(answer).to.equal(pipelineEventPayloads[type].safeParse(payload).success)
        if (answer) taken += 1
      }),
      { numRuns: 5_000 },
    )
    expect(taken).to.be.within(100, 4_900)
  })

  it('is the answer of its parse for what is no object at all', () => {
    for (const type of types) {
      for (const value of [null, undefined, 'x', 7, true, [], [1], () => 0]) {
        const { success } = pipelineEventPayloads[type].safeParse(value)
        expect(acceptsPayload.get(type)!(value)).to.equal(success)
      }
    }
  })

  it('asks the schema itself where it knows no short way', () => {
    const union = accepts(z.union([z.string(), z.int().min(3)]))
    expect([union('a'), union(3), union(2), union(null)]).to.deep.equal([true, true, false, false])
    const email = accepts(z.string().max(9).regex(/@/).endsWith('.org'))
    expect([email('a@b.org'), email('a@b.com'), email('aaaa@b.org')]).to.deep.equal([
      true,
      false,
      false,
    ])
  })

  it('is not to be had of a schema that changes what it takes', () => {
    expect(() => accepts(z.string().default('x'))).to.throw('default')
    expect(() => accepts(z.object({ a: z.string() }))).to.throw('further members')
  })
})
