import { expect } from 'chai'
import { connectionKey } from '../../../domain/pipeline/effects.ts'
import { pathOf } from '../../../frontend/canvas/use-shown-path.ts'
import { connection } from './canvas-view.ts'

describe('the path of a suspended connection', () => {
  const path = [connection('b', 'c'), connection('c', 'a')].map(({ from, to }) => ({ from, to }))
  const suspended = connection('a', 'b', { status: 'suspended', blockedBy: path })
  const key = connectionKey(suspended)

  it('is the connection itself, what blocks it, and the steps on the way', () => {
    const shown = pathOf(key, [suspended, connection('x', 'y')])!
    expect(shown.suspended).to.equal(suspended)
    expect([...shown.connections]).to.have.members([key, ...path.map(connectionKey)])
    expect([...shown.steps]).to.have.members(['a', 'b', 'c'])
  })

  it('is gone when the connection is active again, or removed, or none was asked for', () => {
    expect(pathOf(key, [connection('a', 'b')])).to.equal(null)
    expect(pathOf(key, [])).to.equal(null)
    expect(pathOf(null, [suspended])).to.equal(null)
  })
})
