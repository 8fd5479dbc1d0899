import { expect } from 'chai'
import { createAnnouncer } from '../../../backend/auth/announcer.ts'
import type { Announcement } from '../../../backend/auth/auth-store.ts'
import { joining } from '../../../backend/auth/open-account.ts'
import { serverEvent } from '../../../backend/auth/server-event.ts'
import { teamStream, type ActorId, type Revision, type TeamId } from '../../../domain/ids.ts'
import { LogUnavailable, type EventLog } from '../../../domain/log/event-log.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import { namedUuid } from '../../support/events.ts'

const teamId = namedUuid('team') as TeamId
const streamId = teamStream(teamId)
const ada = namedUuid('ada') as ActorId
const bob = namedUuid('bob') as ActorId

/** Announcements as the store keeps them, with a knob to fail the next removal. */
class KeptAnnouncements {
  pending: Announcement[] = []
  failNextSettle = false

  readonly pendingAnnouncements = async (limit: number) => this.pending.slice(0, limit)
  readonly settleAnnouncement = async (announcement: Announcement) => {
    if (this.failNextSettle) {
      this.failNextSettle = false
      throw new Error('the process died here')
    }
    this.pending = this.pending.filter((kept) => kept !== announcement)
  }
}

describe('the announcer', () => {
  let log: EventLog
  let store: KeptAnnouncements
  let told: string[]
  let errors: unknown[]
  const announcer = (over: EventLog = log) =>
    createAnnouncer({
      store,
      log: over,
      onAnnounced: async (stream) => void told.push(stream),
      onError: (error) => errors.push(error),
    })
  const types = async () =>
    (await log.readStream(streamId, { limit: 100 })).map(({ event }) => event.type)

  beforeEach(() => {
    log = createMemoryLog({ now: Date.now })
    store = new KeptAnnouncements()
    told = []
    errors = []
  })

  function founding(): Announcement {
    const created = serverEvent(streamId, ada, { type: 'TeamCreated', payload: { name: 'Red' } })
    const joined = joining({ teamId, role: 'owner' }, ada)
    return { streamId, events: [created, ...joined.events] }
  }

  it('appends, tells, and forgets', async () => {
    const announcement = founding()
    store.pending = [announcement]
    await announcer().announce([announcement])
    expect(await types()).to.deep.equal(['TeamCreated', 'MemberJoined'])
    expect(told).to.deep.equal([streamId])
    expect(store.pending).to.deep.equal([])
  })

  it('appends what a process left behind that died before the append', async () => {
    store.pending = [founding(), joining({ teamId, role: 'editor' }, bob)]
    await announcer().sweep()
    expect(await types()).to.deep.equal(['TeamCreated', 'MemberJoined', 'MemberJoined'])
    expect(store.pending).to.deep.equal([])
  })

  it('appends nothing twice where a process died between the append and the removal', async () => {
    const announcement = founding()
    store.pending = [announcement]
    store.failNextSettle = true
    await announcer().sweep()
    expect(errors).to.have.length(1)
    // The stream goes on before the next sweep.
    await log.append({
      streamId,
      expectedRevision: 2 as Revision,
      events: joining({ teamId, role: 'editor' }, bob).events,
    })
    await announcer().sweep()
    expect(await types()).to.deep.equal(['TeamCreated', 'MemberJoined', 'MemberJoined'])
    expect(store.pending).to.deep.equal([])
  })

  it('appends once when two nodes announce the same at the same moment', async () => {
    const announcement = founding()
    store.pending = [announcement]
    await Promise.all([
      announcer().announce([announcement]),
      announcer().announce([announcement]),
      announcer().sweep(),
    ])
    expect(await types()).to.deep.equal(['TeamCreated', 'MemberJoined'])
  })

  it('looks again where somebody else was faster', async () => {
    await announcer().announce([founding()])
    await Promise.all(
      [bob, namedUuid('eve') as ActorId].map((userId) =>
        announcer().announce([joining({ teamId, role: 'viewer' }, userId)]),
      ),
    )
    expect(await types()).to.have.length(4)
  })

  it('says so when the log is away, keeps the announcement, and makes up for it', async () => {
    let away = true
    const shaky: EventLog = {
      ...log,
      append: async (request) => {
        if (away) throw new LogUnavailable('away')
        return log.append(request)
      },
    }
    const announcement = founding()
    store.pending = [announcement]
    const outcome = await announcer(shaky)
      .announce([announcement])
      .catch((error: unknown) => error)
    expect(outcome).to.be.instanceOf(LogUnavailable)
    expect(store.pending).to.deep.equal([announcement])
    away = false
    await announcer(shaky).sweep()
    expect(await types()).to.deep.equal(['TeamCreated', 'MemberJoined'])
  })
})
