import { expect } from 'chai'
import { readOnlyReason } from '../../../frontend/words/read-only.ts'

describe('why a pipeline cannot be edited', () => {
  const open = { status: 'ready', role: 'editor', archived: false } as const
  const code = (change: object) => readOnlyReason({ ...open, ...change })?.code ?? null

  it('is nothing for an editor, an owner, and somebody whose role is not known yet', () => {
    expect([code({}), code({ role: 'owner' }), code({ role: null })]).to.deep.equal([
      null,
      null,
      null,
    ])
  })
  it('is the first of: too old a program, access lost, a viewer, the archive', () => {
    const everything = { status: 'upgrade-required', role: 'viewer', archived: true }
    expect(code(everything)).to.equal('upgrade-required')
    expect(code({ ...everything, status: 'revoked' })).to.equal('revoked')
    expect(code({ ...everything, status: 'ready' })).to.equal('viewer')
    expect(readOnlyReason({ ...open, archived: true })?.action).to.equal('unarchive')
  })
})
