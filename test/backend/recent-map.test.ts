import { expect } from 'chai'
import { RecentMap } from '../../backend/recent-map.ts'
import type { StreamId } from '../../domain/ids.ts'

const id = (name: string) => `pipeline-${name}` as StreamId
const head = (revision: number) => ({ revision, hash: 'a'.repeat(64), recordedAt: '' })

describe('a map of bounded size, of the heads of streams say', () => {
  it('keeps what was set last', () => {
    const heads = new RecentMap<StreamId, ReturnType<typeof head>>(2)
    heads.set(id('a'), head(1))
    heads.set(id('b'), head(1))
    heads.set(id('a'), head(2))
    heads.set(id('c'), head(1))
    expect(heads.get(id('a'))).to.deep.equal(head(2))
    expect(heads.get(id('b'))).to.equal(undefined)
    expect(heads.get(id('c'))).to.deep.equal(head(1))
  })

  it('forgets what it is told to', () => {
    const heads = new RecentMap<StreamId, ReturnType<typeof head>>(2)
    heads.set(id('a'), head(1))
    heads.delete(id('a'))
    expect(heads.get(id('a'))).to.equal(undefined)
  })
})
