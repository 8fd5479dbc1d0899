import { expect } from 'chai'
import fc from 'fast-check'
import { auditList, type AuditFilter } from '../../../backend/http/audit-list.ts'
import { proveChain } from '../../../backend/http/chain-proof.ts'
import { pipelineAt } from '../../../backend/http/pipeline-at.ts'
import type { PipelineEvent, StoredEvent } from '../../../domain/events/event.ts'
import {
  pipelineStream,
  type ActorId,
  type PipelineId,
  type ReplicaId,
  type Revision,
  type TeamId,
} from '../../../domain/ids.ts'
import type { EventLog } from '../../../domain/log/event-log.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import { evolveAll } from '../../../domain/pipeline/evolve.ts'
import { initialState } from '../../../domain/pipeline/state.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { namedUuid, pipelineEvent } from '../../support/events.ts'

const id = namedUuid('pipeline') as PipelineId
const [laptop, phone] = ['laptop000000', 'phone0000000'] as [ReplicaId, ReplicaId]
const [ada, bob] = [namedUuid('ada') as ActorId, namedUuid('bob') as ActorId]
const [stepA, stepB] = [namedUuid('a'), namedUuid('b')]
const START = Date.UTC(2026, 0, 1)
const minute = (n: number) => new Date(START + n * 60_000).toISOString()

/**
 * Six events, a minute apart: the laptop makes the pipeline and two steps, the phone (which saw the
 * first step alone) renames it, the laptop connects them, and the phone, having seen all, moves one.
 */
function history(): PipelineEvent[] {
  const place = { x: 0, y: 0 }
  const addStep = (seq: number, stepId: string) =>
    pipelineEvent({
      ...{ pipelineId: id, replicaId: laptop, actorId: ada, seq, type: 'StepAdded' },
      payload: { stepId, kind: 'http', name: 'Fetch', placement: place, config: {} },
    })
  return [
    pipelineEvent({
      ...{ pipelineId: id, replicaId: laptop, actorId: ada, seq: 1, type: 'PipelineCreated' },
      payload: { name: 'Orders', teamId: namedUuid('team') as TeamId, graphRule: 'acyclic' },
    }),
    addStep(2, stepA),
    addStep(3, stepB),
    pipelineEvent({
      ...{ pipelineId: id, replicaId: phone, actorId: bob, seq: 1, type: 'StepRenamed' },
      clock: { [laptop]: 2, [phone]: 1 },
      payload: { stepId: stepA, name: 'Load' },
    }),
    pipelineEvent({
      ...{ pipelineId: id, replicaId: laptop, actorId: ada, seq: 4, type: 'StepsConnected' },
      payload: { from: { stepId: stepA, port: 'out' }, to: { stepId: stepB, port: 'in' } },
    }),
    pipelineEvent({
      ...{ pipelineId: id, replicaId: phone, actorId: bob, seq: 2, type: 'StepMoved' },
      clock: { [laptop]: 4, [phone]: 2 },
      payload: { stepId: stepB, placement: { x: 5, y: 5 } },
    }),
  ]
}

describe('a pipeline with a history', () => {
  let log: EventLog
  const head = 6 as Revision
  const events = history()

  beforeEach(async () => {
    let now = START
    log = createMemoryLog({ now: () => now })
    for (const [index, event] of events.entries()) {
      now = START + index * 60_000
      const streamId = pipelineStream(id)
      await log.append({ streamId, expectedRevision: index as Revision, events: [event] })
    }
  })

  const fold = (...indexes: number[]) =>
    viewOf(
      evolveAll(
        initialState(id),
        indexes.map((index) => events[index]!),
      ),
    )
  const at = async (moment: Parameters<typeof pipelineAt>[3]) => {
    const past = await pipelineAt(log, id, head, moment)
    return past && { view: viewOf(past.state), revision: past.revision }
  }

  it('is what it was at each revision', async () => {
    for (let revision = 1; revision <= 6; revision++) {
      const indexes = Array.from({ length: revision }, (_, index) => index)
      expect(await at({ revision })).to.deep.equal({ view: fold(...indexes), revision })
    }
  })

  it('never was at a revision beyond its head or before its first', async () => {
    expect(await at({ revision: 0 })).to.equal(null)
    expect(await at({ revision: 7 })).to.equal(null)
  })

  it('is what it was at a time, and now at a later one', async () => {
    expect(await at({ time: minute(0) })).to.deep.equal({ view: fold(0), revision: 1 })
    expect(await at({ time: minute(2.5) })).to.deep.equal({ view: fold(0, 1, 2), revision: 3 })
    expect((await at({ time: '2100-01-01T00:00:00.000Z' }))?.revision).to.equal(6)
    expect(await at({ time: minute(-1) })).to.equal(null)
  })

  it('is what a device saw, by its clock', async () => {
    expect(await at({ clock: { [laptop]: 2, [phone]: 1 } })).to.deep.equal({
      view: fold(0, 1, 3),
      revision: 4,
    })
    expect(await at({ clock: { [laptop]: 4 } })).to.deep.equal({
      view: fold(0, 1, 2, 4),
      revision: 5,
    })
    expect((await at({ clock: { [laptop]: 4, [phone]: 2 } }))?.revision).to.equal(6)
  })

  it('never was by a clock that is empty, unknown, too far on, or misses a cause', async () => {
    for (const clock of [
      {},
      { ['nobody000000' as ReplicaId]: 1 },
      { [laptop]: 5 },
      { [laptop]: 4, ['nobody000000' as ReplicaId]: 1 },
      { [phone]: 1 },
      { [laptop]: 3, [phone]: 2 },
    ]) {
      expect(await at({ clock }), JSON.stringify(clock)).to.equal(null)
    }
  })

  it('is told in pages, ascending, the newest page first with `before`', async () => {
    const list = async (filter: Partial<AuditFilter>) =>
      (await auditList(log, id, head, { limit: 100, ...filter })).map(({ revision }) => revision)
    const revision = (n: number) => n as Revision
    expect(await list({})).to.deep.equal([1, 2, 3, 4, 5, 6])
    expect(await list({ limit: 2 })).to.deep.equal([1, 2])
    expect(await list({ after: revision(2), limit: 2 })).to.deep.equal([3, 4])
    expect(await list({ after: revision(6) })).to.deep.equal([])
    expect(await list({ before: revision(7), limit: 2 })).to.deep.equal([5, 6])
    expect(await list({ before: revision(5), limit: 2 })).to.deep.equal([3, 4])
    expect(await list({ before: revision(1) })).to.deep.equal([])
    expect(await list({ after: revision(1), before: revision(4) })).to.deep.equal([2, 3])
    expect(await list({ actor: bob })).to.deep.equal([4, 6])
    expect(await list({ types: ['StepMoved', 'StepAdded'] })).to.deep.equal([2, 3, 6])
    expect(await list({ step: stepA })).to.deep.equal([2, 4, 5])
    expect(await list({ from: minute(1), to: minute(3) })).to.deep.equal([2, 3, 4])
    expect(await list({ before: revision(100), from: minute(4) })).to.deep.equal([5, 6])
    expect(await list({ step: stepB, actor: bob })).to.deep.equal([6])
  })

  it('can be proved, and is found out where a stored event was changed', async () => {
    const { hash } = await log.streamHead(pipelineStream(id))
    expect(await proveChain(log, id, head)).to.deep.equal({ verified: true, revision: 6, hash })
    const forged: EventLog = {
      ...log,
      readStream: async (streamId, range) =>
        (await log.readStream(streamId, range)).map((stored) =>
          stored.revision === 4
            ? { ...stored, event: { ...stored.event, payload: { stepId: stepA, name: 'No' } } }
            : stored,
        ),
    }
    expect(await proveChain(forged, id, head)).to.include({
      verified: false,
      revision: 3,
      brokenAt: 4,
    })
    const shortened: EventLog = {
      ...log,
      readStream: async (streamId, range) =>
        (await log.readStream(streamId, range)).filter(({ revision }) => revision !== 3),
    }
    expect(await proveChain(shortened, id, head)).to.include({ verified: false, brokenAt: 3 })
  })
})

describe('the audit list of a long history', () => {
  const actors = [ada, bob]
  const count = 2_500
  let stored: readonly StoredEvent[]
  let log: EventLog

  before(async () => {
    let now = START
    log = createMemoryLog({ now: () => (now += 1_000) })
    const all = Array.from({ length: count }, (_, i) =>
      pipelineEvent({ pipelineId: id, seq: i + 1, actorId: actors[i % 2]!, replicaId: laptop }),
    )
    for (let at = 0; at < count; at += 100) {
      await log.append({
        streamId: pipelineStream(id),
        expectedRevision: at as Revision,
        events: all.slice(at, at + 100),
      })
    }
    stored = await log.readStream(pipelineStream(id), { limit: count })
  })

  it('gives exactly what filtering the whole would give', async () => {
    const revision = fc.integer({ min: 0, max: count + 50 }).map((n) => n as Revision)
    const time = fc
      .integer({ min: -10, max: 40 })
      .map((n) => new Date(START + n * 1_000).toISOString())
    const filters = fc.record(
      {
        after: revision,
        before: revision,
        actor: fc.constantFrom(...actors),
        from: time,
        to: time,
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 1_500 }), async (filter, limit) => {
        const { after = 0, before = Infinity, actor, from = '', to = '~' } = filter
        const whole = stored.filter(
          ({ revision: r, recordedAt, event }) =>
            r > after &&
            r < before &&
            recordedAt >= from &&
            recordedAt <= to &&
            (actor === undefined || event.actorId === actor),
        )
        const expected = filter.before === undefined ? whole.slice(0, limit) : whole.slice(-limit)
        const page = await auditList(log, id, count as Revision, { ...filter, limit })
        expect(page.map((one) => one.revision)).to.deep.equal(expected.map((one) => one.revision))
      }),
      { numRuns: 60 },
    )
  })
})
