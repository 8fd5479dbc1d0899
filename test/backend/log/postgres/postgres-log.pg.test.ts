import { expect } from 'chai'
import pg from 'pg'
import {
  createPostgresLog,
  type PostgresLog,
} from '../../../../backend/log/postgres/postgres-log.ts'
import type { VersionVector } from '../../../../domain/clock/version-vector.ts'
import type { PipelineEvent } from '../../../../domain/events/event.ts'
import {
  pipelineStream,
  type PipelineId,
  type Position,
  type ReplicaId,
  type Revision,
} from '../../../../domain/ids.ts'
import {
  LogUnavailable,
  type AppendResult,
  type StreamRange,
} from '../../../../domain/log/event-log.ts'
import { isChained, CHAIN_START } from '../../../../domain/log/hash-chain.ts'
import { describeEventLog } from '../../../support/event-log-contract.ts'
import { namedUuid, pipelineEvent, pipelineEvents } from '../../../support/events.ts'
import { testDatabase, type TestDatabase } from '../../../support/postgres.ts'

describeEventLog('in Postgres', async (now) => {
  const database = await testDatabase()
  const log = await createPostgresLog({ databaseUrl: database.url, now })
  return { log, close: () => log.close().then(database.drop) }
})

describe('a log in Postgres', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let client: pg.Client
  const logs: PostgresLog[] = []

  const openLog = async (): Promise<PostgresLog> => {
    const log = await createPostgresLog({ databaseUrl: database.url, now: Date.now })
    logs.push(log)
    return log
  }

  before(async () => {
    database = await testDatabase()
    await openLog()
    client = new pg.Client(database.url)
    await client.connect()
  })
  after(async () => {
    await client?.end()
    await Promise.all(logs.map((log) => log.close()))
    await database?.drop()
  })

  describe('with two nodes on it', () => {
    it('is written by both in turn, each with an old idea of the head', async () => {
      const [one, two] = [await openLog(), await openLog()]
      const events = streamOf('both nodes', 60)
      for (let i = 0; i < 20; i++) {
        const log = i % 2 ? one : two
        expect((await append(log, events.slice(3 * i, 3 * i + 3), 3 * i)).ok).to.equal(true)
      }
      const stored = await one.readStream(pipelineStream(events[0]!.pipelineId), { limit: 100 })
      expect(stored.map(({ event }) => event)).to.deep.equal(events)
      let prevHash = CHAIN_START
      for (const event of stored) {
        expect(isChained(event, prevHash)).to.equal(true)
        prevHash = event.hash
      }
    })

    it('tells a conflict, and a repeated append, that the other node wrote', async () => {
      const [one, two] = [await openLog(), await openLog()]
      const events = streamOf('seen from the other node', 4)
      await append(one, events.slice(0, 1), 0)
      const first = await append(two, events.slice(1, 3), 1)
      expect(await append(one, events.slice(1, 3), 1)).to.deep.equal(first)
      expect(await append(one, events.slice(3), 1)).to.deep.equal({
        ok: false,
        reason: 'conflict',
        actualRevision: 3,
      })
    })

    it('tells one node of the growth by the other', async () => {
      const [one, two] = [await openLog(), await openLog()]
      await expectGrowth(one, () => append(two, streamOf('growth elsewhere', 1), 0))
    })

    it('announces the new head to whoever listens, once for a commit', async () => {
      const log = await openLog()
      const told: (string | undefined)[] = []
      client.on('notification', ({ payload }) => told.push(payload))
      await client.query('LISTEN log_growth')
      const first = await append(log, streamOf('announced', 3), 0)
      const second = await append(log, streamOf('announced too', 2), 0)
      // Whatever was notified before this answer has arrived with it.
      await client.query('UNLISTEN log_growth')
      client.removeAllListeners('notification')
      const heads = [first, second].map((answer) => answer.ok && answer.stored.at(-1)!.position)
      expect(told).to.deep.equal(heads.map(String))
    })

    it('tells of growth after the listening connection has been lost', async () => {
      const [one, two] = [await openLog(), await openLog()]
      await expectGrowth(one, () => append(two, streamOf('growth before', 1), 0))
      expect(await killListeners()).to.be.above(0)
      await expectGrowth(one, () => append(two, streamOf('growth after', 1), 0))
    })
  })

  describe('with appends that do not wait for each other', () => {
    it('writes those that each expect the end of the one before', async () => {
      const log = await openLog()
      const events = streamOf('a chain of appends', 100)
      const answers = await Promise.all(
        Array.from({ length: 25 }, (_, i) => append(log, events.slice(4 * i, 4 * i + 4), 4 * i)),
      )
      expect(answers.every(({ ok }) => ok)).to.equal(true)
      const stored = await log.readStream(pipelineStream(events[0]!.pipelineId), { limit: 200 })
      expect(stored.map(({ event }) => event)).to.deep.equal(events)
    })

    it('writes what follows a repeated append in the same group', async () => {
      const log = await openLog()
      const events = streamOf('a repeated append and the next', 4)
      const first = await append(log, events.slice(0, 2), 0)
      const answers = await Promise.all([
        append(log, events.slice(0, 2), 0),
        append(log, events.slice(2), 2),
      ])
      expect(answers[0]).to.deep.equal(first)
      expect(answers[1]!.ok && answers[1]!.stored.map(({ revision }) => revision)).to.deep.equal([
        3, 4,
      ])
    })

    it('writes more than one group takes, a large append too', async () => {
      const log = await openLog()
      const many = streamOf('one large append', 1_000)
      const answers = await Promise.all([
        append(log, many, 0),
        ...Array.from({ length: 50 }, (_, i) => append(log, streamOf(`small ${i}`, 20), 0)),
      ])
      expect(answers.every(({ ok }) => ok)).to.equal(true)
      const stored = await log.readStream(pipelineStream(many[0]!.pipelineId), { limit: 2_000 })
      expect(stored.map(({ event }) => event)).to.deep.equal(many)
    })
  })

  describe('with clocks of several replicas', () => {
    it('gives every clock whole, to a node that has met none of them, from anywhere', async () => {
      const appends = severalReplicas('clocks')
      const events = appends.flat()
      const streamId = pipelineStream(events[0]!.pipelineId)
      const writer = await openLog()
      for (const [at, part] of appends.entries()) await append(writer, part, at * 10)
      const read = async (log: PostgresLog, range: StreamRange) =>
        (await log.readStream(streamId, range)).map(({ event }) => event)
      for (const log of [writer, await openLog()]) {
        for (const after of [0, 1, 7, 150, 151, 299] as Revision[]) {
          expect(await read(log, { after, limit: 40 })).to.deep.equal(
            events.slice(after, after + 40),
          )
          const before = (after + 1) as Revision
          const backward = await read(log, { before, limit: 40, direction: 'backward' })
          expect(backward).to.deep.equal(events.slice(0, after).reverse().slice(0, 40))
        }
      }
      const { rows } = await client.query<{ whole: number; deltas: number }>(
        `SELECT count(*) FILTER (WHERE NOT clock_is_delta)::int AS whole,
                count(*) FILTER (WHERE clock_is_delta)::int AS deltas
         FROM log.event WHERE stream_id = $1`,
        [streamId],
      )
      // Each replica's first, and every 64th.
      expect(rows[0]).to.deep.equal({ whole: 6, deltas: 294 })
    })

    it('goes on with a whole clock where another node wrote in between', async () => {
      const events = severalReplicas('clocks of two nodes').flat()
      const streamId = pipelineStream(events[0]!.pipelineId)
      const nodes = [await openLog(), await openLog()]
      for (const [at, event] of events.slice(0, 60).entries()) {
        await append(nodes[Math.floor(at / 4) % 2]!, [event], at)
      }
      const stored = await (await openLog()).readStream(streamId, { limit: 100 })
      expect(stored.map(({ event }) => event)).to.deep.equal(events.slice(0, 60))
    })

    it('stores an event as it is whose clock does not say what its number says', async () => {
      const pipelineId = namedUuid('an odd clock') as PipelineId
      const events = pipelineEvents(3, { pipelineId, clock: { other0000000: 3 } as VersionVector })
      const log = await openLog()
      await append(log, events, 0)
      const stored = await (await openLog()).readStream(pipelineStream(pipelineId), { limit: 9 })
      expect(stored.map(({ event }) => event)).to.deep.equal(events)
    })

    it('does not build on an event that was not written', async () => {
      const events = severalReplicas('a conflict of clocks').flat().slice(0, 12)
      const log = await openLog()
      await append(log, events.slice(0, 4), 0)
      // Both expect the same revision: one of them meets the other and is not written.
      const answers = await Promise.all([
        append(log, events.slice(4, 8), 4),
        append(log, events.slice(4, 6), 4),
      ])
      expect(answers.map(({ ok }) => ok)).to.deep.equal([true, true])
      await append(log, events.slice(8), 8)
      const streamId = pipelineStream(events[0]!.pipelineId)
      const stored = await (await openLog()).readStream(streamId, { limit: 20 })
      expect(stored.map(({ event }) => event)).to.deep.equal(events)
    })
  })

  describe('as anyone can read it by SQL', () => {
    it('proves the hash chain from the stored rows alone', async () => {
      const log = await openLog()
      await append(log, streamOf('a proof by SQL', 5), 0)
      for (const [at, events] of severalReplicas('a proof with clocks').entries()) {
        await append(log, events, at * 10)
      }
      const { rows } = await client.query<{ broken: number; events: number }>(`
        SELECT count(*)::int AS events, count(*) FILTER (WHERE NOT (
          hash = sha256(convert_to(
            encode(prev_hash, 'hex') || '{"event":' || log.hashed_text(e) || ',"recordedAt":"'
            || to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            || '","revision":' || revision || '}', 'UTF8'))
          AND prev_hash = coalesce(before, decode(repeat('0', 64), 'hex'))
        ))::int AS broken
        FROM log.event e
        JOIN (SELECT position, lag(hash) OVER (PARTITION BY stream_id ORDER BY revision) AS before
                FROM log.event) chained USING (position)`)
      expect(rows[0]!.events).to.be.above(0)
      expect(rows[0]!.broken).to.equal(0)
    })

    it('refuses to change, delete or truncate events, even to a superuser', async () => {
      await append(await openLog(), streamOf('append only', 2), 0)
      const before = await client.query('SELECT count(*) FROM log.event')
      for (const [operation, sql] of [
        ['UPDATE', "UPDATE log.event SET type = 'Changed'"],
        ['UPDATE', 'UPDATE log.event SET hash = hash WHERE false'],
        ['DELETE', 'DELETE FROM log.event WHERE position = 1'],
        ['TRUNCATE', 'TRUNCATE log.event'],
        ['DELETE', 'SET session_replication_role = replica; DELETE FROM log.event'],
      ] as const) {
        const error = await client.query(sql).then(
          () => null,
          (thrown: Error) => thrown,
        )
        await client.query('RESET session_replication_role')
        expect(error?.message, sql).to.equal(
          `The event log is append-only: ${operation} of log.event is refused.`,
        )
      }
      const after = await client.query('SELECT count(*) FROM log.event')
      expect(after.rows).to.deep.equal(before.rows)
    })
  })

  describe('with settings that would weaken it', () => {
    const CALL = `SELECT * FROM log.append('{}', '{}', '{}', '{}', '{}', '{}', '{}',
      '{}', '{}', '{}', '{}', '{}', '', '', '{}', '')`

    it('commits to disk although the server would not wait for it', async () => {
      await client.query('BEGIN')
      await client.query('SET LOCAL synchronous_commit = off')
      await client.query(CALL)
      const { rows } = await client.query('SHOW synchronous_commit')
      await client.query('ROLLBACK')
      expect(rows).to.deep.equal([{ synchronous_commit: 'on' }])
    })

    it('refuses an isolation level at which positions could be given out twice', async () => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      const error = await client.query(CALL).catch((thrown: Error) => thrown.message)
      await client.query('ROLLBACK')
      expect(error).to.equal('log.append needs the isolation level read committed')
    })
  })

  describe('that is closed', () => {
    it('has answered what waited, and takes no more', async () => {
      const log = await createPostgresLog({ databaseUrl: database.url, now: Date.now })
      const events = streamOf('closing', 2)
      const waiting = append(log, events.slice(0, 1), 0)
      const closed = log.close()
      expect((await waiting).ok).to.equal(true)
      await closed
      const error = await append(log, events.slice(1), 1).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(LogUnavailable)
    })
  })

  describe('whose database cannot be reached', () => {
    it('says so when it is opened', async () => {
      const url = new URL(database.url)
      url.pathname = '/no_such_database'
      const error = await createPostgresLog({ databaseUrl: url.href, now: Date.now }).catch(
        (thrown: unknown) => thrown,
      )
      expect(error).to.be.instanceOf(LogUnavailable)
      expect((error as Error).message).to.contain('no_such_database')
    })
  })

  async function killListeners(): Promise<number> {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'tributary log growth'`,
    )
    return rowCount ?? 0
  }
})

function streamOf(name: string, count: number): PipelineEvent[] {
  return pipelineEvents(count, { pipelineId: namedUuid(name) as PipelineId })
}

/** Appends of ten events, in which three replicas hear of each other and of ten that come and go. */
function severalReplicas(name: string): PipelineEvent[][] {
  const pipelineId = namedUuid(name) as PipelineId
  const seqs = [0, 0, 0]
  return Array.from({ length: 30 }, (_, at) =>
    Array.from({ length: 10 }, (_, n) => {
      const by = (at * 7 + n * n) % 3
      const replicaId = `replica0000${by}` as ReplicaId
      const seq = (seqs[by] = seqs[by]! + 1)
      const others = seqs.map((seen, other) => [`replica0000${other}`, seen - (at % 3)] as const)
      const guests = Array.from({ length: at % 11 }, (_, guest) => [`guest00000${guest}0`, at + 1])
      const seen = [...others, ...guests].filter(([, count]) => (count as number) > 0)
      const clock = { ...Object.fromEntries(seen), [replicaId]: seq } as VersionVector
      return pipelineEvent({ pipelineId, replicaId, seq, clock })
    }),
  )
}

function append(
  log: PostgresLog,
  events: readonly PipelineEvent[],
  after: number,
): Promise<AppendResult> {
  const streamId = pipelineStream(events[0]!.pipelineId)
  return log.append({ streamId, expectedRevision: after as Revision, events })
}

/** Resolves when a listener that was there before has been called after `grow`. */
async function expectGrowth(log: PostgresLog, grow: () => Promise<unknown>): Promise<void> {
  const before: Position = await log.head()
  let stop: () => void = () => undefined
  await new Promise<void>((resolve, reject) => {
    stop = log.onGrowth(() => {
      log.head().then((head) => {
        if (head > before) resolve()
      }, reject)
    })
    grow().catch(reject)
  })
  stop()
}
