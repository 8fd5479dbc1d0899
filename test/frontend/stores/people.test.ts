import { expect } from 'chai'
import type { Team } from '../../../frontend/api/api.ts'
import { usePeople } from '../../../frontend/stores/people.ts'
import { ADA, BRUNO, startTestApp, type TestApp } from '../../support/test-app.ts'

const TEAM: Team = {
  id: ADA.teams[0]!.id,
  name: 'Operations',
  members: [
    { userId: ADA.user.id, name: 'Ada Berg', role: 'owner' },
    { userId: BRUNO.user.id, name: 'Bruno Costa', role: 'editor' },
  ],
  former: [{ userId: 'gone', name: 'Zoe Old' }],
}

describe('names of people', () => {
  let app: TestApp

  beforeEach(() => {
    app = startTestApp()
    app.api.teams.set(TEAM.id, TEAM)
  })

  it('are the members’, and those of people who left', async () => {
    const people = usePeople()
    await people.refresh()
    expect([BRUNO.user.id, 'gone', 'unknown'].map(people.nameOf)).to.deep.equal([
      'Bruno Costa',
      'Zoe Old',
      'Somebody',
    ])
  })

  it('are “You” for the person themselves, before any answer', () => {
    const people = usePeople()
    expect([people.youOr(ADA.user.id), people.nameOf(ADA.user.id)]).to.deep.equal([
      'You',
      'Ada Berg',
    ])
  })

  it('are there with the network off, after a visit', async () => {
    await usePeople().refresh()
    const kept = [...app.storage.items]
    const later = startTestApp()
    for (const [key, value] of kept) later.storage.setItem(key, value)
    later.api.isAway = true
    const people = usePeople()
    await people.refresh()
    expect(people.nameOf(BRUNO.user.id)).to.equal('Bruno Costa')
  })

  it('come from whoever is met, too', () => {
    const people = usePeople()
    people.meet('visitor', 'Vera')
    expect(people.nameOf('visitor')).to.equal('Vera')
    people.meet('visitor', '')
    expect(people.nameOf('visitor')).to.equal('Vera')
  })

  it('survive damaged storage', async () => {
    app.storage.setItem(`tributary.people.${ADA.user.id}`, '{"not": "a list"}')
    const people = usePeople()
    app.api.isAway = true
    await people.refresh()
    expect(people.nameOf('x')).to.equal('Somebody')
  })
})
