import { expect } from 'chai'
import { StreamHeads } from '../../../../backend/log/postgres/stream-heads.ts'
import type { StreamId } from '../../../../domain/ids.ts'

const id = (name: string) => `pipeline-${name}` as StreamId
const head = (revision: number) => ({ revision, hash: 'a'.repeat(64), recordedAt: '' })

describe('the known heads of streams', () => {
  it('keep the streams that were appended to last', () => {
    const heads = new StreamHeads(2)
    heads.set(id('a'), head(1))
    heads.set(id('b'), head(1))
    heads.set(id('a'), head(2))
    heads.set(id('c'), head(1))
    expect(heads.get(id('a'))).to.deep.equal(head(2))
    expect(heads.get(id('b'))).to.equal(undefined)
    expect(heads.get(id('c'))).to.deep.equal(head(1))
  })

  it('forget a stream of which it is not known what became', () => {
    const heads = new StreamHeads(2)
    heads.set(id('a'), head(1))
    heads.forget(id('a'))
    expect(heads.get(id('a'))).to.equal(undefined)
  })
})
