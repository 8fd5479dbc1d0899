import { expect } from 'chai'
import { createSessionKeeper } from '../../../frontend/session/kept-session.ts'
import { ADA, BRUNO, MemoryStorage } from '../../support/test-app.ts'

describe('who is signed in, as a device keeps it', () => {
  let storage: MemoryStorage
  const keeper = () => createSessionKeeper(storage)

  beforeEach(() => {
    storage = new MemoryStorage()
  })

  it('is there after a reload', () => {
    keeper().write(ADA)
    expect(keeper().read()).to.deep.equal(ADA)
  })

  it('is gone after signing out, while the person is remembered', () => {
    keeper().write(ADA)
    keeper().clear()
    expect(keeper().read()).to.equal(null)
    expect(keeper().people()).to.deep.equal([ADA.user])
  })

  it('remembers people, the last one first, each once and never with a token', () => {
    keeper().write(ADA)
    keeper().write(BRUNO)
    keeper().write({ ...ADA, user: { ...ADA.user, name: 'Ada B.' } })
    expect(
      keeper()
        .people()
        .map(({ name }) => name),
    ).to.deep.equal(['Ada B.', 'Bruno Costa'])
    expect(storage.getItem('tributary.people')).to.not.contain('token')
  })

  it('remembers five at most', () => {
    for (let n = 0; n < 8; n++) keeper().write({ ...ADA, user: { ...ADA.user, id: `p${n}` } })
    expect(
      keeper()
        .people()
        .map(({ id }) => id),
    ).to.deep.equal(['p7', 'p6', 'p5', 'p4', 'p3'])
  })

  for (const damaged of ['', 'no json', 'null', '[]', '{"user": {"id": 1}}', '{"token": "t"}']) {
    it(`is nobody where the storage holds ${damaged || 'an empty text'}`, () => {
      storage.setItem('tributary.session', damaged)
      storage.setItem('tributary.people', damaged)
      expect([keeper().read(), keeper().people()]).to.deep.equal([null, []])
    })
  }
})
