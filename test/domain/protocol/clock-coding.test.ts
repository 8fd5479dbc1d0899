import { expect } from 'chai'
import fc from 'fast-check'
import type { VersionVector } from '../../../domain/clock/version-vector.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { PipelineId, ReplicaId } from '../../../domain/ids.ts'
import { ClockDecoder, ClockEncoder } from '../../../domain/protocol/clock-coding.ts'
import { namedUuid, pipelineEvent } from '../../support/events.ts'

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const replica = (n: number) => `replica${String(n).padStart(5, '0')}` as ReplicaId
const pipeline = (n: number) => namedUuid('pipeline', n) as PipelineId

/** Events of a few replicas in two pipelines, some of them sent again or out of turn. */
const conversations = fc.array(
  fc.record({
    pipeline: fc.nat(1),
    by: fc.nat(2),
    step: fc.constantFrom(1, 1, 1, 1, 0, 2, -1),
    others: fc.dictionary(
      fc.constantFrom(3, 4, 5, 6).map(replica),
      fc.integer({ min: 1, max: 3 }),
      {
        noNullPrototype: true,
      },
    ),
  }),
  { minLength: 1, maxLength: 60 },
)

function eventsOf(conversation: typeof conversations extends fc.Arbitrary<infer T> ? T : never) {
  const seqs = new Map<string, number>()
  return conversation.map(({ pipeline: p, by, step, others }): PipelineEvent => {
    const key = `${p} ${by}`
    const seq = Math.max(1, (seqs.get(key) ?? 0) + step)
    seqs.set(key, seq)
    const replicaId = replica(by)
    const clock = { ...others, [replicaId]: seq } as VersionVector
    return pipelineEvent({ pipelineId: pipeline(p), replicaId, seq, clock })
  })
}

describe('clocks on the wire', () => {
  it('come back whole, whatever was sent before', () => {
    let deltas = 0
    fc.assert(
      fc.property(conversations, (conversation) => {
        const [encoder, decoder] = [new ClockEncoder(), new ClockDecoder()]
        for (const event of eventsOf(conversation)) {
          const coded = encoder.encode(event)
          if ('clockDelta' in coded) deltas += 1
          expect(decoder.decode(overTheWire(coded))).to.deep.equal(event)
        }
      }),
      { numRuns: 300 },
    )
    expect(deltas).to.be.greaterThan(200)
  })

  it('come back whole where both ends have had to forget', () => {
    const [encoder, decoder] = [new ClockEncoder(), new ClockDecoder()]
    const others = Object.fromEntries(
      Array.from({ length: 1_800 }, (_, n) => [replica(1_000 + n), 7]),
    )
    const seqs = new Map<number, number>()
    let whole = 0
    for (let n = 0; n < 1_000; n++) {
      const by = (n * n) % 127
      const seq = (seqs.get(by) ?? 0) + 1
      seqs.set(by, seq)
      const clock = { ...others, [replica(by)]: seq } as VersionVector
      const event = pipelineEvent({ replicaId: replica(by), seq, clock })
      const coded = encoder.encode(event)
      if ('clock' in coded) whole += 1
      expect(decoder.decode(overTheWire(coded))).to.deep.equal(event)
    }
    // The first of each replica goes whole in any case; 55 of these clocks fit.
    expect(whole).to.be.within(seqs.size + 1, 999)
  })

  it('stay as they came where nothing is known that they could build on', () => {
    const decoder = new ClockDecoder()
    const { clock: _, ...rest } = pipelineEvent({ seq: 5 })
    const coded = { ...rest, clockDelta: {} }
    expect(decoder.decode(coded)).to.equal(coded)
  })

  it('stay as they came where they are no clocks, and are not built on', () => {
    const decoder = new ClockDecoder()
    const first = pipelineEvent({ seq: 1 })
    decoder.decode(first)
    const { clock: _, ...rest } = pipelineEvent({ seq: 2 })
    for (const clockDelta of [
      null,
      7,
      'x',
      [],
      { short: 1 },
      { [replica(9)]: -1 },
      { [replica(9)]: '1' },
      JSON.parse('{"__proto__":1}') as object,
    ]) {
      const coded = { ...rest, clockDelta }
      expect(decoder.decode(coded)).to.equal(coded)
    }
    for (const odd of [null, undefined, 7, 'x', [], {}, { ...rest, seq: 'x', clockDelta: {} }]) {
      expect(decoder.decode(odd)).to.equal(odd)
    }
    const sound = decoder.decode({ ...rest, clockDelta: { [replica(9)]: 3 } })
    expect(sound).to.deep.equal({
      ...rest,
      clock: { ...first.clock, [replica(9)]: 3, replica00001: 2 },
    })
  })
})
