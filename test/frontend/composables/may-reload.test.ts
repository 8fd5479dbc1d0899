import { expect } from 'chai'
import { mayReload } from '../../../frontend/composables/may-reload.ts'
import { FakeReplica } from '../../support/fake-replica.ts'

const status = (given: object) => ({ ...new FakeReplica().status, ...given })

describe('offering a new version', () => {
  it('is fine while nothing waits', () => {
    expect(mayReload(null, false)).to.equal(true)
    expect(mayReload(status({ storage: 'memory' }), false)).to.equal(true)
  })
  it('waits for text that is not committed', () => {
    expect(mayReload(status({}), true)).to.equal(false)
  })
  it('waits for edits that are being sent, or that are in this page only', () => {
    expect(mayReload(status({ pendingEvents: 2 }), false)).to.equal(true)
    expect(mayReload(status({ pendingEvents: 2, sending: true }), false)).to.equal(false)
    expect(mayReload(status({ pendingEvents: 2, storage: 'memory' }), false)).to.equal(false)
    expect(mayReload(status({ pendingEvents: 2, storage: 'failed' }), false)).to.equal(false)
  })
})
