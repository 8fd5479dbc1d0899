import { connect, createServer, type AddressInfo } from 'node:net'
import { expect } from 'chai'
import pg from 'pg'
import {
  createPostgresLog,
  type PostgresLog,
} from '../../../../backend/log/postgres/postgres-log.ts'
import type { PipelineEvent } from '../../../../domain/events/event.ts'
import {
  pipelineStream,
  type EventId,
  type PipelineId,
  type Position,
  type Revision,
} from '../../../../domain/ids.ts'
import {
  AppendRefused,
  LogUnavailable,
  type AppendResult,
} from '../../../../domain/log/event-log.ts'
import { namedUuid, pipelineEvent, pipelineEvents } from '../../../support/events.ts'
import { testDatabase, type TestDatabase } from '../../../support/postgres.ts'

describe('a log in Postgres when something fails', function () {
  this.timeout(120_000)
  let database: TestDatabase
  let log: PostgresLog
  let client: pg.Client

  before(async () => {
    database = await testDatabase()
    log = await createPostgresLog({ databaseUrl: database.url, now: Date.now })
    client = new pg.Client(database.url)
    await client.connect()
  })
  after(async () => {
    await client?.end()
    await log?.close()
    await database?.drop()
  })

  describe('with one append that Postgres refuses among many that share a commit', () => {
    it('refuses that one, and writes the others in the order of their streams', async () => {
      const poison = poisonous(pipelineEvent({ pipelineId: idOf('poison') }))
      const streams = Array.from({ length: 20 }, (_, i) => eventsOf(`beside the poison ${i}`, 2))
      const outcomes = await Promise.allSettled([
        ...streams.slice(0, 10).map((events) => append(log, events.slice(0, 1), 0)),
        append(log, [poison], 0),
        ...streams.slice(10).map((events) => append(log, events.slice(0, 1), 0)),
        ...streams.map((events) => append(log, events.slice(1), 1)),
      ])

      const [refused] = outcomes.splice(10, 1)
      const reason = refused?.status === 'rejected' ? (refused.reason as Error) : null
      expect(reason).to.be.instanceOf(AppendRefused)
      expect(reason?.message).to.match(/^The event cannot be stored: .*constraint/)
      for (const outcome of outcomes) expectOk(outcome)
      for (const events of streams) expect(await readBack(events)).to.deep.equal(events)
      await expectGapless()
    })

    it('refuses that one, and what was to follow it in its stream is in conflict', async () => {
      const [first, second, third] = eventsOf('poison in a chain', 3)
      const outcomes = await Promise.allSettled([
        append(log, [first!], 0),
        append(log, [poisonous(second!)], 1),
        append(log, [third!], 2),
      ])
      expectOk(outcomes[0])
      expect(outcomes[1]!.status).to.equal('rejected')
      expect(outcomes[2]).to.deep.equal({
        status: 'fulfilled',
        value: { ok: false, reason: 'conflict', actualRevision: 1 },
      })
      await expectGapless()
    })

    it('tells a number that is taken as a conflict, and writes the others', async () => {
      const taken = eventsOf('a number that is taken', 1)
      await append(log, taken, 0)
      const fork = { ...taken[0]!, id: namedUuid('fork') as EventId }
      const streams = Array.from({ length: 8 }, (_, i) => eventsOf(`beside the fork ${i}`, 3))
      const answers = await Promise.all([
        ...streams.map((events) => append(log, events, 0)),
        append(log, [fork], 1),
      ])
      expect(answers.pop()).to.deep.equal({ ok: false, reason: 'conflict', actualRevision: 1 })
      expect(answers.every(({ ok }) => ok)).to.equal(true)
      await expectGapless()
    })
  })

  describe('with connections that are killed while eight writers append', () => {
    it('loses no event that it answered, and writes none twice', async () => {
      let isDone = false
      let kills = 0
      const killing = (async () => {
        while (!isDone || kills === 0) {
          kills += await killConnections()
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      })()
      const failures: unknown[] = []
      const streams = Array.from({ length: 8 }, (_, i) => eventsOf(`under fire ${i}`, 120))
      await Promise.all(
        streams.map(async (events) => {
          for (let at = 0; at < events.length; at += 3) {
            const stored = await insist(() => append(log, events.slice(at, at + 3), at), failures)
            expect(stored.map(({ revision }) => revision)).to.deep.equal([at + 1, at + 2, at + 3])
          }
        }),
      )
      isDone = true
      await killing

      expect(kills).to.be.above(0)
      for (const failure of failures) expect(failure).to.be.instanceOf(LogUnavailable)
      for (const events of streams) expect(await readBack(events)).to.deep.equal(events)
      await expectGapless()
    })
  })

  describe('with a commit whose answer is lost', () => {
    it('recognises the append when it is sent again', async () => {
      const line = await breakableLine(database.url)
      const remote = await createPostgresLog({ databaseUrl: line.url, now: Date.now })
      const [first, ...events] = eventsOf('a lost answer', 4)
      await append(remote, [first!], 0)
      line.breakAtNextAnswer()
      const lost = await append(remote, events, 1).catch((error: unknown) => error)
      expect(lost).to.be.instanceOf(LogUnavailable)
      expect(await readBack(events)).to.deep.equal([first, ...events])

      const again = await append(remote, events, 1)
      expect(again.ok && again.stored.map(({ event }) => event)).to.deep.equal(events)
      await remote.close()
      await line.close()
      expect(await readBack(events)).to.deep.equal([first, ...events])
      await expectGapless()
    })
  })

  describe('with somebody who holds the lock', () => {
    it('goes on when the waiting connection was killed and the lock is free again', async () => {
      const events = eventsOf('waiting for the lock', 3)
      const holder = new pg.Client(database.url)
      await holder.connect()
      await holder.query('SELECT pg_advisory_lock(4718261053)')
      const waiting = append(log, events, 0).catch((error: unknown) => error)
      await waitingForTheLock()
      await killConnections()
      expect(await waiting).to.be.instanceOf(LogUnavailable)
      await holder.end()
      await insist(() => append(log, events, 0), [])
      expect(await readBack(events)).to.deep.equal(events)
      await expectGapless()
    })
  })

  describe('with more appends waiting than memory should hold', () => {
    it('turns away those beyond the bound, and writes the others when it can', async () => {
      const holder = new pg.Client(database.url)
      await holder.connect()
      await holder.query('SELECT pg_advisory_lock(4718261053)')
      const payload = { text: 'x'.repeat(250_000) }
      const sent = Array.from({ length: 320 }, (_, i) =>
        append(log, [pipelineEvent({ pipelineId: idOf(`crowd ${i}`), payload })], 0),
      )
      await holder.end()

      const outcomes = await Promise.allSettled(sent)
      const written = outcomes.filter(({ status }) => status === 'fulfilled')
      const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      for (const outcome of written) expectOk(outcome)
      expect(written.length).to.be.above(200)
      expect(refused.length).to.be.above(20)
      for (const reason of refused) {
        expect(reason).to.be.instanceOf(LogUnavailable)
        expect(reason.message).to.match(/^Too many appends are waiting/)
      }
      expect((await append(log, eventsOf('after the crowd', 1), 0)).ok).to.equal(true)
      await expectGapless()
    })
  })

  function expectOk(outcome: PromiseSettledResult<AppendResult> | undefined): void {
    expect(outcome?.status === 'fulfilled' && outcome.value.ok, JSON.stringify(outcome)).to.equal(
      true,
    )
  }

  async function readBack(events: readonly PipelineEvent[]) {
    const streamId = pipelineStream(events[0]!.pipelineId)
    // The connections of the pool may have been killed since they were last used.
    for (;;) {
      try {
        return (await log.readStream(streamId, { limit: 1_000 })).map(({ event }) => event)
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error
      }
    }
  }

  async function expectGapless(): Promise<void> {
    const { rows } = await client.query<{ events: number; last: Position }>(
      'SELECT count(*)::int AS events, max(position)::int AS last FROM log.event',
    )
    expect(rows[0]!.last).to.equal(rows[0]!.events)
    const { rows: gaps } = await client.query(
      `SELECT s.stream_id FROM log.stream s JOIN log.event e USING (stream_id)
       GROUP BY s.stream_id, s.revision
       HAVING count(*) <> s.revision OR max(e.revision) <> s.revision`,
    )
    expect(gaps).to.deep.equal([])
  }

  async function killConnections(): Promise<number> {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'tributary log'
         AND query LIKE '%log.append%'`,
    )
    return rowCount ?? 0
  }

  async function waitingForTheLock(): Promise<void> {
    for (;;) {
      const { rowCount } = await client.query(
        `SELECT 1 FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'
           AND wait_event = 'advisory'`,
      )
      if (rowCount) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
})

function idOf(name: string): PipelineId {
  return namedUuid(name) as PipelineId
}

function eventsOf(name: string, count: number): PipelineEvent[] {
  return pipelineEvents(count, { pipelineId: idOf(name) })
}

/** An event that passes every check before Postgres, whose constraint refuses it. */
function poisonous(event: PipelineEvent): PipelineEvent {
  const { replicaId, ...rest } = event
  expect(replicaId).to.be.a('string')
  return rest as PipelineEvent
}

function append(
  log: PostgresLog,
  events: readonly PipelineEvent[],
  after: number,
): Promise<AppendResult> {
  const streamId = pipelineStream(events[0]!.pipelineId)
  return log.append({ streamId, expectedRevision: after as Revision, events })
}

/** Sends again until there is an answer, as every caller does. */
async function insist(send: () => Promise<AppendResult>, failures: unknown[]) {
  for (;;) {
    try {
      const answer = await send()
      if (answer.ok) return answer.stored
      throw new Error(`unexpected answer: ${JSON.stringify(answer)}`)
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error
      failures.push(error)
    }
  }
}

/** A way to the same database that can lose an answer: its connection breaks in the place of it. */
async function breakableLine(databaseUrl: string) {
  const target = new URL(databaseUrl)
  let isBreaking = false
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname)
    far.on('data', (answer) => {
      if (isBreaking) near.destroy()
      else near.write(answer)
      isBreaking = false
    })
    near.on('data', (question) => far.write(question))
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    breakAtNextAnswer: () => (isBreaking = true),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
