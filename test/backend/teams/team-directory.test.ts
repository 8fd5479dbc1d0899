import { expect } from 'chai'
import { joining } from '../../../backend/auth/open-account.ts'
import { serverEvent } from '../../../backend/auth/server-event.ts'
import { openTeamDirectory, type TeamDirectory } from '../../../backend/teams/team-directory.ts'
import type { LogEvent } from '../../../domain/events/event.ts'
import {
  accountStream,
  pipelineStream,
  teamStream,
  type ActorId,
  type PipelineId,
  type Position,
  type Revision,
  type StreamId,
  type TeamId,
} from '../../../domain/ids.ts'
import type { EventLog } from '../../../domain/log/event-log.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import type { Role } from '../../../domain/team/roles.ts'
import type { TeamChange } from '../../../domain/team/team-events.ts'
import { namedUuid, pipelineEvents } from '../../support/events.ts'
import { MemoryTeamIndex } from './memory-team-index.ts'

const red = namedUuid('red') as TeamId
const blue = namedUuid('blue') as TeamId
const ada = namedUuid('ada') as ActorId
const bob = namedUuid('bob') as ActorId

/** Resolves once the listeners of a memory log have been told and have read what is new. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('the team directory', () => {
  let log: EventLog
  let index: MemoryTeamIndex
  let open: TeamDirectory[]
  let errors: unknown[]

  beforeEach(() => {
    log = createMemoryLog({ now: Date.now })
    index = new MemoryTeamIndex()
    open = []
    errors = []
  })
  afterEach(() => Promise.all(open.map((directory) => directory.stop())))

  async function append(streamId: StreamId, ...events: LogEvent[]): Promise<void> {
    const { revision } = await log.streamHead(streamId)
    const result = await log.append({ streamId, expectedRevision: revision, events })
    expect(result.ok).to.equal(true)
  }
  const change = (teamId: TeamId, changed: TeamChange) =>
    append(teamStream(teamId), serverEvent(teamStream(teamId), ada, changed))
  async function found(teamId: TeamId, name: string, ...members: [ActorId, Role][]) {
    await change(teamId, { type: 'TeamCreated', payload: { name } })
    for (const [userId, role] of members) {
      await append(teamStream(teamId), ...joining({ teamId, role }, userId).events)
    }
  }
  async function directory(over: EventLog = log): Promise<TeamDirectory> {
    const opened = await openTeamDirectory({
      log: over,
      index,
      onError: (error) => errors.push(error),
    })
    open.push(opened)
    return opened
  }

  it('knows the roles and the teams of everybody', async () => {
    await found(red, 'Red', [ada, 'owner'], [bob, 'viewer'])
    await found(blue, 'Blue', [ada, 'editor'])
    const teams = await directory()
    await settled()
    expect(await teams.roleOf(red, ada)).to.equal('owner')
    expect(await teams.roleOf(red, bob)).to.equal('viewer')
    expect(await teams.roleOf(blue, bob)).to.equal(null)
    expect(await teams.roleOf(namedUuid('nowhere') as TeamId, ada)).to.equal(null)
    expect(await teams.teamsOf(ada)).to.deep.equal([
      { id: blue, name: 'Blue', role: 'editor' },
      { id: red, name: 'Red', role: 'owner' },
    ])
    expect(await teams.teamsOf(bob)).to.deep.equal([{ id: red, name: 'Red', role: 'viewer' }])
    const { joinedAt } = teams.team(red)
    expect([...joinedAt.keys()]).to.deep.equal([ada, bob])
  })

  it('starts again from its index, without reading the pipelines', async () => {
    await found(red, 'Red', [ada, 'owner'])
    const pipelineId = namedUuid('pipeline') as PipelineId
    await append(pipelineStream(pipelineId), ...pipelineEvents(50, { pipelineId }))
    const first = await directory()
    await settled()
    await first.stop()
    expect([...index.teamIds]).to.deep.equal([red])
    expect(index.position).to.equal(await log.head())

    const read: string[] = []
    const again = await directory({
      ...log,
      readAll: async (after, limit) => {
        read.push(`all after ${after}`)
        return log.readAll(after, limit)
      },
      readStream: async (streamId, range) => {
        read.push(streamId)
        return log.readStream(streamId, range)
      },
    })
    expect(await again.roleOf(red, ada)).to.equal('owner')
    await settled()
    expect(new Set(read)).to.deep.equal(new Set([teamStream(red), `all after ${index.position}`]))
  })

  it('hears of what other nodes do, and tells each change once', async () => {
    await found(red, 'Red', [ada, 'owner'])
    const teams = await directory()
    await settled()
    const heard: string[] = []
    const stop = teams.onMembershipChange((teamId, userId, role) => {
      heard.push(`${teamId === red ? 'red' : 'blue'} ${userId === bob ? 'bob' : 'ada'} ${role}`)
    })
    await append(teamStream(red), ...joining({ teamId: red, role: 'viewer' }, bob).events)
    await change(red, { type: 'TeamRenamed', payload: { name: 'Crimson' } })
    await teams.refresh(red)
    await change(red, { type: 'MemberRoleChanged', payload: { userId: bob, role: 'editor' } })
    await change(red, { type: 'MemberRoleChanged', payload: { userId: bob, role: 'editor' } })
    await change(red, { type: 'MemberRemoved', payload: { userId: bob } })
    await found(blue, 'Blue', [bob, 'owner'])
    await settled()
    expect(heard).to.deep.equal([
      'red bob viewer',
      'red bob editor',
      'red bob null',
      'blue bob owner',
    ])
    expect(await teams.teamsOf(bob)).to.deep.equal([{ id: blue, name: 'Blue', role: 'owner' }])
    expect(teams.team(red).joinedAt.has(bob)).to.equal(false)
    expect(teams.team(red).state.name).to.equal('Crimson')

    stop()
    await append(teamStream(red), ...joining({ teamId: red, role: 'viewer' }, bob).events)
    await settled()
    expect(heard).to.have.length(4)
  })

  it('answers what was appended before the call, after a refresh', async () => {
    const teams = await directory()
    await found(red, 'Red', [ada, 'owner'])
    await teams.catchUp(teamStream(red))
    expect(await teams.roleOf(red, ada)).to.equal('owner')
    await teams.catchUp(accountStream(ada))
  })

  it('goes on when a listener throws', async () => {
    const teams = await directory()
    const heard: ActorId[] = []
    teams.onMembershipChange(() => {
      throw new Error('a listener failed')
    })
    teams.onMembershipChange((_, userId) => heard.push(userId))
    await found(red, 'Red', [ada, 'owner'], [bob, 'viewer'])
    await settled()
    expect(heard).to.deep.equal([ada, bob])
    expect(errors).to.have.length(2)
  })

  it('loses no team to an index that could not be written', async () => {
    index.failNextSave = true
    await found(red, 'Red', [ada, 'owner'])
    const teams = await directory()
    while (index.teamIds.size === 0) await settled()
    expect(errors).to.have.length(1)
    expect([...index.teamIds]).to.deep.equal([red])
    expect(await teams.roleOf(red, ada)).to.equal('owner')
  })

  it('looks through a log again that was put back to before its index', async () => {
    index.position = 1_000 as Position
    await found(red, 'Red', [ada, 'owner'])
    const teams = await directory()
    await settled()
    expect(await teams.roleOf(red, ada)).to.equal('owner')
    expect(await teams.refresh(red)).to.deep.include({ revision: 2 as Revision })
  })
})
