/** What is read of the log: streams, the whole, and heads, with every clock whole. */
import type pg from 'pg'
import type { StoredEvent } from '../../../domain/events/event.ts'
import type { Position, Revision, StreamId } from '../../../domain/ids.ts'
import type { StreamHead, StreamRange } from '../../../domain/log/event-log.ts'
import { CHAIN_START } from '../../../domain/log/hash-chain.ts'
import { unavailable } from './postgres-failure.ts'
import {
  withWholeClocks,
  type ClockedRow,
  type LastClocks,
  type LookBack,
} from './stored-clocks.ts'
import { logTypes, STORED_COLUMNS, storedEvent, type StoredRow } from './stored-row.ts'

interface Query {
  readonly name: string
  readonly text: string
}

const READ_ALL = {
  name: 'log-read-all',
  text: `SELECT ${STORED_COLUMNS} FROM log.event WHERE position > $1 ORDER BY position LIMIT $2`,
}
const READ_FORWARD = {
  name: 'log-read-forward',
  text: `SELECT ${STORED_COLUMNS} FROM log.event
         WHERE stream_id = $1 AND revision > $2 AND revision < $3 ORDER BY revision LIMIT $4`,
}
const READ_BACKWARD = {
  name: 'log-read-backward',
  text: `SELECT ${STORED_COLUMNS} FROM log.event
         WHERE stream_id = $1 AND revision > $2 AND revision < $3 ORDER BY revision DESC LIMIT $4`,
}
/** Of each replica that is asked for, its rows from the last whole clock up to a number. */
const READ_BACK = {
  name: 'log-read-back',
  text: `SELECT e.stream_id AS "streamId", e.clock_is_delta AS "isDelta", e.event
         FROM unnest($1::text[], $2::text[], $3::bigint[]) AS b (stream_id, replica_id, seq)
         CROSS JOIN LATERAL (
           SELECT max(k.seq) AS first FROM log.event k
            WHERE k.stream_id = b.stream_id COLLATE "C" AND k.replica_id = b.replica_id COLLATE "C"
              AND k.seq <= b.seq AND NOT k.clock_is_delta
         ) keyframe
         JOIN log.event e
           ON e.stream_id = b.stream_id COLLATE "C" AND e.replica_id = b.replica_id COLLATE "C"
          AND e.seq BETWEEN keyframe.first AND b.seq`,
}
const STREAM_HEAD = {
  name: 'log-stream-head',
  text: `SELECT revision, encode(hash, 'hex') AS hash FROM log.stream WHERE stream_id = $1`,
}
const HEAD = {
  name: 'log-head',
  text: 'SELECT coalesce(max(position), 0) AS head FROM log.event',
}

export class Reader {
  readonly #pool: pg.Pool
  readonly #clocks: LastClocks

  constructor(pool: pg.Pool, clocks: LastClocks) {
    this.#pool = pool
    this.#clocks = clocks
  }

  readStream(
    streamId: StreamId,
    { after = 0 as Revision, before, limit, direction }: StreamRange,
  ): Promise<StoredEvent[]> {
    const query = direction === 'backward' ? READ_BACKWARD : READ_FORWARD
    return this.#readEvents(query, [streamId, after, before ?? Number.MAX_SAFE_INTEGER, limit])
  }

  readAll(after: Position, limit: number): Promise<StoredEvent[]> {
    return this.#readEvents(READ_ALL, [after, limit])
  }

  async streamHead(streamId: StreamId): Promise<StreamHead> {
    const [row] = await this.#read<StreamHead>(STREAM_HEAD, [streamId])
    return row ?? { revision: 0 as Revision, hash: CHAIN_START }
  }

  async head(): Promise<Position> {
    const [row] = await this.#read<{ head: Position }>(HEAD, [])
    return row!.head
  }

  async #readEvents(query: Query, values: unknown[]): Promise<StoredEvent[]> {
    const rows = await this.#read<StoredRow>(query, values)
    const events = await withWholeClocks(rows, this.#clocks, (from) => this.#readBack(from))
    return rows.map((row, i) => storedEvent(row, events[i]!))
  }

  #readBack(from: readonly LookBack[]): Promise<ClockedRow[]> {
    return this.#read<ClockedRow & pg.QueryResultRow>(READ_BACK, [
      from.map(({ streamId }) => streamId),
      from.map(({ replicaId }) => replicaId),
      from.map(({ seq }) => seq),
    ])
  }

  async #read<Row extends pg.QueryResultRow>(query: Query, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>({ ...query, values, types: logTypes })).rows
    } catch (error) {
      throw unavailable(error)
    }
  }
}
