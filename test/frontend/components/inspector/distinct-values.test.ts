import { expect } from 'chai'
import type { Register } from '../../../../domain/pipeline/register.ts'
import type { Stamp } from '../../../../domain/events/event.ts'
import { distinctValues } from '../../../../frontend/components/inspector/distinct-values.ts'

const stamp = (name: string) => ({ replicaId: name }) as unknown as Stamp
const register: Register = [
  { stamp: stamp('c'), value: { a: 1, b: 2 } },
  { stamp: stamp('b') },
  { stamp: stamp('a'), value: { b: 2, a: 1 } },
]

describe('the values of a field in conflict', () => {
  it('are shown once each, the oldest first, with the one on show marked', () => {
    expect(
      distinctValues(register).map(({ write, shown }) => [write.stamp.replicaId, shown]),
    ).to.deep.equal([
      ['b', false],
      ['c', true],
    ])
  })
})
