import { expect } from 'chai'
import { joining } from '../../../backend/auth/open-account.ts'
import { serverEvent } from '../../../backend/auth/server-event.ts'
import { createTeamCommands, type TeamCommands } from '../../../backend/teams/change-team.ts'
import { openTeamDirectory, type TeamDirectory } from '../../../backend/teams/team-directory.ts'
import { teamStream, type ActorId, type Revision, type TeamId } from '../../../domain/ids.ts'
import type { EventLog } from '../../../domain/log/event-log.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import { namedUuid } from '../../support/events.ts'
import { MemoryTeamIndex } from './memory-team-index.ts'

const team = namedUuid('team') as TeamId
const [ada, bob, eve, stranger] = ['ada', 'bob', 'eve', 'stranger'].map(
  (name) => namedUuid(name) as ActorId,
) as [ActorId, ActorId, ActorId, ActorId]

describe('a team of two owners and an editor', () => {
  let log: EventLog
  let directory: TeamDirectory
  let commands: TeamCommands

  beforeEach(async () => {
    log = createMemoryLog({ now: Date.now })
    const streamId = teamStream(team)
    await log.append({
      streamId,
      expectedRevision: 0 as Revision,
      events: [
        serverEvent(streamId, ada, { type: 'TeamCreated', payload: { name: 'Red' } }),
        ...joining({ teamId: team, role: 'owner' }, ada).events,
        ...joining({ teamId: team, role: 'owner' }, bob).events,
        ...joining({ teamId: team, role: 'editor' }, eve).events,
      ],
    })
    const onError = (error: unknown) => {
      throw error
    }
    directory = await openTeamDirectory({ log, index: new MemoryTeamIndex(), onError })
    commands = createTeamCommands({ log, directory })
  })
  afterEach(() => directory.stop())

  const newest = async () => (await log.readStream(teamStream(team), { limit: 99 })).at(-1)!.event
  const revision = async () => (await log.streamHead(teamStream(team))).revision

  it('lets an owner rename it, change roles and remove members, in their own name', async () => {
    expect(await commands.rename(ada, team, 'Blue')).to.include({ ok: true })
    expect(await newest()).to.deep.include({
      type: 'TeamRenamed',
      actorId: ada,
      payload: { name: 'Blue' },
    })
    expect(await commands.changeRole(ada, team, eve, 'viewer')).to.include({ ok: true })
    expect(await directory.roleOf(team, eve)).to.equal('viewer')
    expect(await commands.removeMember(bob, team, eve)).to.include({ ok: true })
    expect(await directory.roleOf(team, eve)).to.equal(null)
  })

  it('lets nobody else do so, but leave', async () => {
    for (const result of [
      await commands.rename(eve, team, 'Mine'),
      await commands.changeRole(eve, team, eve, 'owner'),
      await commands.removeMember(eve, team, ada),
      await commands.recordInvitation(eve, team, { role: 'viewer', expiresAt: '' }),
    ]) {
      expect(result).to.include({ ok: false, code: 'forbidden' })
    }
    expect(await commands.removeMember(eve, team, eve)).to.include({ ok: true })
  })

  it('does not exist for strangers', async () => {
    for (const result of [
      await commands.rename(stranger, team, 'Red'),
      await commands.rename(stranger, team, 'Mine'),
      await commands.changeRole(stranger, team, eve, 'owner'),
      await commands.removeMember(stranger, team, ada),
      await commands.recordInvitation(stranger, team, { role: 'owner', expiresAt: '' }),
      await commands.rename(ada, namedUuid('no team') as TeamId, 'Mine'),
    ]) {
      expect(result).to.include({ ok: false, code: 'not-found' })
    }
    expect(await revision()).to.equal(4)
  })

  it('writes nothing where everything is as asked already', async () => {
    expect(await commands.rename(ada, team, 'Red')).to.include({ ok: true })
    expect(await commands.changeRole(ada, team, eve, 'editor')).to.include({ ok: true })
    expect(await revision()).to.equal(4)
  })

  it('keeps an owner when both leave at once', async () => {
    const results = await Promise.all([
      commands.removeMember(ada, team, ada),
      commands.removeMember(bob, team, bob),
    ])
    expect(results.filter(({ ok }) => ok)).to.have.length(1)
    expect(results.find(({ ok }) => !ok)).to.include({ code: 'last-owner' })
  })

  it('keeps an owner when each makes the other a viewer', async () => {
    const results = await Promise.all([
      commands.changeRole(ada, team, bob, 'viewer'),
      commands.changeRole(bob, team, ada, 'viewer'),
    ])
    expect(results.filter(({ ok }) => ok)).to.have.length(1)
    expect(results.find(({ ok }) => !ok)).to.include({ code: 'forbidden' })
  })

  it('takes many changes at once', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `Name ${i}`)
    const results = await Promise.all(names.map((name) => commands.rename(ada, team, name)))
    expect(results.every(({ ok }) => ok)).to.equal(true)
    expect(await revision()).to.equal(14)
  })
})
