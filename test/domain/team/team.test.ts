import { expect } from 'chai'
import type { ServerEvent } from '../../../domain/events/event.ts'
import { accountStream, type ActorId, type TeamId } from '../../../domain/ids.ts'
import { atLeast, roleSchema, type Role } from '../../../domain/team/roles.ts'
import { readAccountChange, readTeamChange } from '../../../domain/team/team-events.ts'
import {
  decideMember,
  evolveAccount,
  evolveTeam,
  initialAccount,
  initialTeam,
  roleIn,
  type TeamState,
} from '../../../domain/team/team.ts'
import { namedUuid, teamEvent } from '../../support/events.ts'

const TEAM = namedUuid('team') as TeamId
const person = (name: string) => namedUuid('person', name) as ActorId
const [OLA, EDA, VIC, SAM] = ['ola', 'eda', 'vic', 'sam'].map(person) as [
  ActorId,
  ActorId,
  ActorId,
  ActorId,
]

function team(...changes: readonly { type: string; payload: unknown }[]): TeamState {
  return changes.reduce(
    (state, change, nth) => evolveTeam(state, teamEvent(TEAM, nth + 1, change)),
    initialTeam(TEAM),
  )
}

const created = { type: 'TeamCreated', payload: { name: 'Data' } }
const joined = (userId: ActorId, role: Role) => ({
  type: 'MemberJoined',
  payload: { userId, role },
})
const changed = (userId: ActorId, role: Role) => ({
  type: 'MemberRoleChanged',
  payload: { userId, role },
})
const removed = (userId: ActorId) => ({ type: 'MemberRemoved', payload: { userId } })
const some = () => team(created, joined(OLA, 'owner'), joined(EDA, 'editor'), joined(VIC, 'viewer'))

describe('roles', () => {
  it('include each other: an owner is an editor is a viewer', () => {
    const roles: Role[] = ['viewer', 'editor', 'owner']
    expect(roleSchema.options).to.have.members(roles)
    for (const [i, role] of roles.entries()) {
      for (const [j, needed] of roles.entries()) {
        expect(atLeast(role, needed), `${role} for ${needed}`).to.equal(i >= j)
      }
    }
  })
})

describe('a team', () => {
  it('has no name and no members before its first event', () => {
    expect(initialTeam(TEAM)).to.deep.equal({ id: TEAM, name: null, members: new Map() })
  })

  it('has the name and the roles that were given last', () => {
    const state = team(
      created,
      joined(OLA, 'owner'),
      joined(EDA, 'viewer'),
      changed(EDA, 'editor'),
      { type: 'TeamRenamed', payload: { name: 'Platform' } },
      { type: 'MemberInvited', payload: { role: 'viewer', expiresAt: '2026-01-01T00:00:00.000Z' } },
    )
    expect(state.name).to.equal('Platform')
    expect([OLA, EDA, SAM].map((id) => roleIn(state, id))).to.deep.equal(['owner', 'editor', null])
  })

  it('remembers who left, without a role, and takes them back', () => {
    const left = team(created, joined(OLA, 'owner'), joined(EDA, 'editor'), removed(EDA))
    expect(roleIn(left, EDA)).to.equal(null)
    expect([...left.members.keys()]).to.deep.equal([OLA, EDA])
    const back = evolveTeam(left, teamEvent(TEAM, 9, joined(EDA, 'viewer')))
    expect(roleIn(back, EDA)).to.equal('viewer')
    expect([...back.members.keys()]).to.deep.equal([OLA, EDA])
  })

  it('is not changed by what it does not know, nor by what has not the right form', () => {
    const state = some()
    const odd = [
      { type: 'TeamPainted', payload: { colour: 'red' } },
      { type: 'TeamRenamed', payload: { name: '' } },
      { type: 'TeamRenamed', payload: { name: 'x', extra: 1 } },
      { type: 'MemberJoined', payload: { userId: 'eda', role: 'editor' } },
      { type: 'MemberRoleChanged', payload: { userId: EDA, role: 'god' } },
      { type: 'constructor', payload: {} },
      { type: 'AccountCreated', payload: { name: 'x' } },
    ]
    for (const change of odd) {
      expect(evolveTeam(state, teamEvent(TEAM, 9, change)), change.type).to.equal(state)
      expect(readTeamChange(change)).to.equal(null)
    }
  })

  it('leaves the state that an event is applied to as it was', () => {
    const state = some()
    const before = structuredClone(state)
    evolveTeam(state, teamEvent(TEAM, 9, removed(EDA)))
    expect(state).to.deep.equal(before)
  })
})

describe('changing a team’s members', () => {
  const decided = (by: ActorId, userId: ActorId, role: Role | null, state = some()) => {
    const result = decideMember(state, by, userId, role)
    return 'code' in result ? result.code : result
  }

  it('is an owner’s to do', () => {
    expect(decided(OLA, EDA, 'owner')).to.deep.equal(changed(EDA, 'owner'))
    expect(decided(OLA, VIC, null)).to.deep.equal(removed(VIC))
    for (const by of [EDA, VIC]) {
      expect(decided(by, VIC, 'editor')).to.equal('forbidden')
      expect(decided(by, OLA, null)).to.equal('forbidden')
    }
  })

  it('is anybody’s to do who leaves, and nobody’s who would promote themselves', () => {
    expect(decided(VIC, VIC, null)).to.deep.equal(removed(VIC))
    expect(decided(EDA, EDA, 'owner')).to.equal('forbidden')
  })

  it('never takes the last owner away, neither by leaving nor by another role', () => {
    expect(decided(OLA, OLA, null)).to.equal('last-owner')
    expect(decided(OLA, OLA, 'editor')).to.equal('last-owner')
    const two = team(created, joined(OLA, 'owner'), joined(EDA, 'owner'))
    expect(decided(OLA, OLA, null, two)).to.deep.equal(removed(OLA))
    const one = evolveTeam(two, teamEvent(TEAM, 9, removed(OLA)))
    expect(decided(EDA, EDA, null, one)).to.equal('last-owner')
  })

  it('tells a stranger nothing, and an owner that the person is not there', () => {
    expect(decided(SAM, EDA, null)).to.equal('not-found')
    expect(decided(SAM, SAM, null)).to.equal('not-found')
    expect(decided(OLA, SAM, 'editor')).to.equal('not-found')
    const gone = team(created, joined(OLA, 'owner'), joined(EDA, 'owner'), removed(EDA))
    expect(decided(EDA, OLA, null, gone)).to.equal('not-found')
    expect(decided(OLA, EDA, 'viewer', gone)).to.equal('not-found')
  })

  it('says why not in a sentence', () => {
    for (const result of [
      decideMember(some(), EDA, VIC, null),
      decideMember(some(), OLA, OLA, null),
    ]) {
      expect('message' in result && result.message).to.match(/^[A-Z].*\.$/)
    }
  })
})

describe('an account', () => {
  const event = (type: string, payload: unknown): ServerEvent => ({
    ...teamEvent(TEAM, 1, { type, payload }),
    streamId: accountStream(OLA),
  })
  const born = evolveAccount(initialAccount(OLA), event('AccountCreated', { name: 'Ola' }))

  it('has the name and the picture that were given last', () => {
    expect(born).to.deep.equal({ id: OLA, name: 'Ola', avatarUrl: null })
    const pictured = evolveAccount(born, event('AccountChanged', { avatarUrl: '/ola.png' }))
    expect(pictured).to.deep.equal({ id: OLA, name: 'Ola', avatarUrl: '/ola.png' })
    const renamed = evolveAccount(pictured, event('AccountChanged', { name: 'Olga' }))
    expect(renamed).to.deep.equal({ id: OLA, name: 'Olga', avatarUrl: '/ola.png' })
  })

  it('takes no address and no secret', () => {
    for (const secret of ['email', 'password', 'passwordHash', 'token']) {
      const payload = { name: 'Ola', [secret]: 'x' }
      expect(readAccountChange({ type: 'AccountCreated', payload }), secret).to.equal(null)
    }
    expect(evolveAccount(born, event('AccountPainted', {}))).to.equal(born)
  })
})
