/**
 * Eight writers on three nodes, and a reader that follows by position meanwhile: the property that
 * everything downstream stands on is that such a reader never skips an event and never sees one
 * twice. A log whose positions come from a sequence fails this within seconds.
 */
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import pg from 'pg'
import {
  createPostgresLog,
  type PostgresLog,
} from '../../../../backend/log/postgres/postgres-log.ts'
import type { StoredEvent } from '../../../../domain/events/event.ts'
import {
  pipelineStream,
  type EventId,
  type PipelineId,
  type Position,
  type ReplicaId,
  type Revision,
} from '../../../../domain/ids.ts'
import { CHAIN_START, isChained } from '../../../../domain/log/hash-chain.ts'
import { namedUuid, pipelineEvents } from '../../../support/events.ts'
import { testDatabase, type TestDatabase } from '../../../support/postgres.ts'

const NODES = 3
const WRITERS = 8
const HAMMER_MS = 4_000

describe('a log in Postgres with eight writers on three nodes', function () {
  this.timeout(120_000)
  let database: TestDatabase
  let nodes: PostgresLog[]
  let written: Map<EventId, Position>
  let seen: StoredEvent[]

  before(async () => {
    database = await testDatabase()
    nodes = await Promise.all(Array.from({ length: NODES }, () => open(database)))
    written = new Map()
    let isDone = false
    const reader = await open(database)
    const reading = follow(reader, () => isDone)
    const until = performance.now() + HAMMER_MS
    await Promise.all(
      Array.from({ length: WRITERS }, (_, i) => write(nodes[i % NODES]!, i, until, written)),
    )
    isDone = true
    seen = await reading
    await reader.close()
  })
  after(async () => {
    await Promise.all(nodes?.map((node) => node.close()) ?? [])
    await database?.drop()
  })

  it('shows a reader that follows meanwhile every event once, in the order of positions', () => {
    expect(written.size).to.be.above(WRITERS * 10)
    expect(seen.map(({ position }) => position)).to.deep.equal(seen.map((_, i) => i + 1))
    expect(new Map(seen.map(({ event, position }) => [event.id, position]))).to.deep.equal(
      new Map([...written].sort(([, a], [, b]) => a - b)),
    )
  })

  it('gives positions without gaps, in the order of transactions', async () => {
    const client = new pg.Client(database.url)
    await client.connect()
    // Each transaction gets its id under the lock that the last one held to its commit.
    const { rows } = await client.query(`
      SELECT count(*)::int AS events, max(position)::int AS last,
             count(*) FILTER (WHERE xid < before)::int AS "outOfOrder",
             count(DISTINCT xid) > 1 AS "manyTransactions"
      FROM (SELECT position, xmin::text::bigint AS xid,
                   lag(xmin::text::bigint) OVER (ORDER BY position) AS before
            FROM log.event) ordered`)
    await client.end()
    const events = written.size
    expect(rows).to.deep.equal([{ events, last: events, outOfOrder: 0, manyTransactions: true }])
  })

  it('chains every stream, own and shared, without a gap', () => {
    const streams = new Map<string, StoredEvent[]>()
    for (const stored of seen) {
      const { pipelineId } = stored.event as { pipelineId: string } & StoredEvent['event']
      streams.set(pipelineId, [...(streams.get(pipelineId) ?? []), stored])
    }
    expect(streams.size).to.equal(WRITERS + 2)
    for (const stream of streams.values()) {
      let prevHash = CHAIN_START
      for (const [i, stored] of stream.entries()) {
        expect(stored.revision).to.equal(i + 1)
        expect(isChained(stored, prevHash)).to.equal(true)
        prevHash = stored.hash
      }
    }
  })
})

function open({ url }: TestDatabase): Promise<PostgresLog> {
  return createPostgresLog({ databaseUrl: url, now: Date.now })
}

/** Appends to a pipeline of its own and to two shared ones in turn, until the time is over. */
async function write(
  log: PostgresLog,
  index: number,
  until: number,
  written: Map<EventId, Position>,
): Promise<void> {
  const replicaId = randomBytes(6).toString('hex') as ReplicaId
  const places = ['own ' + index, 'shared 0', 'shared 1'].map((name) => ({
    pipelineId: namedUuid(name) as PipelineId,
    revision: 0 as Revision,
    seq: 1,
  }))
  for (let turn = 0; performance.now() < until; turn++) {
    const place = places[turn % places.length]!
    const { pipelineId, seq } = place
    const events = pipelineEvents(1 + (turn % 7), { pipelineId, replicaId, seq })
    for (;;) {
      const streamId = pipelineStream(pipelineId)
      const answer = await log.append({ streamId, expectedRevision: place.revision, events })
      if (answer.ok) {
        for (const { event, position } of answer.stored) written.set(event.id, position)
        place.revision = (place.revision + events.length) as Revision
        place.seq += events.length
        break
      }
      if (answer.reason !== 'conflict') throw new Error(answer.reason)
      place.revision = answer.actualRevision
    }
  }
}

/** Reads page after page, as a projection does, until the writers are done and nothing is left. */
async function follow(log: PostgresLog, isDone: () => boolean): Promise<StoredEvent[]> {
  const seen: StoredEvent[] = []
  for (;;) {
    const wasDone = isDone()
    const after = (seen.at(-1)?.position ?? 0) as Position
    const page = await log.readAll(after, 200)
    seen.push(...page)
    if (page.length === 0 && wasDone) return seen
  }
}
