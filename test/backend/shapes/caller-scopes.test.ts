import { expect } from 'chai'
import { createCallerScopes } from '../../../backend/shapes/caller-scopes.ts'
import { teamId, TestTeams, userId } from './test-teams.ts'

describe('the scope of a caller', () => {
  it('is the same until a membership changes, and another one ever after', async () => {
    const teams = new TestTeams()
    const scopes = createCallerScopes(teams, 10)
    teams.join(userId(1), teamId(1))
    const first = await scopes.of(userId(1))
    expect(await scopes.of(userId(1))).to.equal(first)
    expect([...first.teamIds]).to.deep.equal([teamId(1)])

    let ended = 0
    first.ended.subscribe(() => (ended += 1))
    teams.leave(userId(1), teamId(1))
    expect([ended, first.hasEnded]).to.deep.equal([1, true])
    teams.join(userId(1), teamId(1))
    const second = await scopes.of(userId(1))
    expect(second.teamIds).to.deep.equal(first.teamIds)
    expect(second.generation).not.to.equal(first.generation)
  })

  it('does not end with the memberships of others', async () => {
    const teams = new TestTeams()
    const scopes = createCallerScopes(teams, 10)
    const scope = await scopes.of(userId(1))
    teams.join(userId(2), teamId(1))
    expect(scope.hasEnded).to.be.false
  })

  it('is never one that a change has overtaken while it was being made', async () => {
    const teams = new TestTeams()
    const scopes = createCallerScopes(teams, 10)
    const asked = [scopes.of(userId(1)), scopes.of(userId(1))]
    teams.join(userId(1), teamId(1))
    for (const scope of await Promise.all(asked)) {
      expect([...scope.teamIds], 'the teams').to.deep.equal([teamId(1)])
      expect(scope.hasEnded).to.be.false
    }
  })

  it('is forgotten where there are too many, and ends', async () => {
    const scopes = createCallerScopes(new TestTeams(), 2)
    const [first, second] = [await scopes.of(userId(1)), await scopes.of(userId(2))]
    await scopes.of(userId(1))
    await scopes.of(userId(3))
    expect([first.hasEnded, second.hasEnded]).to.deep.equal([false, true])
  })
})
