/**
 * Group commit: appends that wait go to Postgres together, in one transaction with one commit, and
 * each gets a result of its own.
 *
 * - While a group is under way the next one gathers, so that a group is as large as the load makes
 *   it, and a lone append waits for nobody.
 * - Two appends to one stream share a group only where the second expects the end of the first;
 *   otherwise the second waits, for only the outcome of the first tells what it meets.
 * - A group that Postgres refuses is split in two, again and again: an event that can never be
 *   stored is found in few steps, and the appends that came with it are written.
 * - When a connection breaks, what became of its group is unknown and its callers are told so
 *   (LogUnavailable). Sending again is safe, for log.append() recognises what is already there.
 */
import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type pg from 'pg'
import type { StoredEvent } from '../../../domain/events/event.ts'
import type { Position, Revision, StreamId } from '../../../domain/ids.ts'
import { checkAppend } from '../../../domain/log/check-append.ts'
import {
  LogUnavailable,
  type AppendRequest,
  type AppendResult,
} from '../../../domain/log/event-log.ts'
import type { Sha256 } from '../../../domain/log/hash-chain.ts'
import { RecentMap } from '../../recent-map.ts'
import {
  appendGroup,
  planGroup,
  type CheckedAppend,
  type Outcome,
  type PlannedAppend,
} from './append-group.ts'
import { appendFailure, isTakenNumber, mayBeOneAppend, unavailable } from './postgres-failure.ts'
import type { LastClocks } from './stored-clocks.ts'
import { logTypes } from './stored-row.ts'
import type { Head } from './stream-heads.ts'

/**
 * Events of one group: with more, one side waits while the other works (measured with two
 * connections: 1.5 times as fast as groups of 1,000; below 300 the commits begin to count).
 */
const MAX_GROUP_EVENTS = 400
/** Characters of one group's events: what a message to Postgres takes without a large buffer. */
const MAX_GROUP_CHARACTERS = 4 * 1024 * 1024
/** Characters of all waiting events: a bound on memory while the database is away. */
const MAX_WAITING_CHARACTERS = 64 * 1024 * 1024
/** Streams whose heads are kept: about 300 bytes each. */
const MAX_HEADS = 20_000

const sha256: Sha256 = (text) => hash('sha256', text)

interface Waiting extends CheckedAppend {
  readonly size: number
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: Error) => void
}

export interface AppenderOptions {
  /** As many groups are under way at once as it has connections. */
  readonly pool: pg.Pool
  readonly clocks: LastClocks
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly readAgain: (request: AppendRequest) => Promise<StoredEvent[]>
  readonly onWritten: (head: Position) => void
}

export class Appender {
  readonly #options: AppenderOptions
  /** So that an append needs no read before it: one that is out of date costs a round trip, no more. */
  readonly #heads = new RecentMap<StreamId, Head>(MAX_HEADS)
  readonly #underWay = new Set<StreamId>()
  readonly #lanes = new Set<Promise<void>>()
  #lanesRunning = 0
  #waiting: Waiting[] = []
  #waitingSize = 0
  #isClosed = false

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    const texts = checkAppend(request)
    if (this.#isClosed) throw new LogUnavailable('The event log is closed. Open it again.')
    if (this.#waitingSize > MAX_WAITING_CHARACTERS) {
      throw new LogUnavailable('Too many appends are waiting for the database. Try again later.')
    }
    const size = texts.reduce((sum, text) => sum + text.length, 0)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, texts, size, resolve, reject })
      this.#waitingSize += size
      this.#startLane()
    })
  }

  /** Takes no more appends, and resolves when those that wait are answered. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#lanes.size > 0) await Promise.all(this.#lanes)
  }

  #startLane(): void {
    if (this.#lanesRunning >= this.#options.pool.options.max) return
    this.#lanesRunning++
    const lane: Promise<void> = this.#runLane().finally(() => this.#lanes.delete(lane))
    this.#lanes.add(lane)
  }

  async #runLane(): Promise<void> {
    for (;;) {
      // Whoever was answered just now, or appends in the same turn, comes along.
      await nextTurn()
      const group = this.#takeGroup()
      if (group.length === 0) {
        // Counted down in the same breath as the look, so that no append falls in between.
        this.#lanesRunning--
        return
      }
      const streamIds = group.map(({ request }) => request.streamId)
      streamIds.forEach((streamId) => this.#underWay.add(streamId))
      await this.#write(group)
      streamIds.forEach((streamId) => this.#underWay.delete(streamId))
    }
  }

  /** The oldest waiting appends that may go together; of each stream in the order of arrival. */
  #takeGroup(): Waiting[] {
    const group: Waiting[] = []
    const left: Waiting[] = []
    const skipped = new Set<StreamId>(this.#underWay)
    const ends = new Map<StreamId, number>()
    let events = 0
    let size = 0
    for (const append of this.#waiting) {
      const { streamId, expectedRevision, events: own } = append.request
      const end = ends.get(streamId)
      const continues = own.length === 0 || end === undefined || end === expectedRevision
      const fits =
        group.length === 0 ||
        (events + own.length <= MAX_GROUP_EVENTS && size + append.size <= MAX_GROUP_CHARACTERS)
      if (skipped.has(streamId) || !continues || !fits) {
        skipped.add(streamId)
        left.push(append)
        continue
      }
      group.push(append)
      if (own.length > 0) ends.set(streamId, expectedRevision + own.length)
      events += own.length
      size += append.size
    }
    this.#waiting = left
    this.#waitingSize -= size
    return group
  }

  /** Writes a group and answers every one of its appends. */
  async #write(group: readonly Waiting[]): Promise<void> {
    let planned: PlannedAppend[]
    let outcomes: Outcome[]
    try {
      await this.#learnHeads(group)
      const now = this.#options.now()
      const headOf = (streamId: StreamId) => this.#heads.get(streamId)
      planned = planGroup(group, headOf, now, this.#options.clocks, sha256)
      outcomes = await appendGroup(this.#options.pool, planned)
    } catch (error) {
      return this.#writeInParts(group, error)
    }
    planned.forEach((append, i) => {
      if (outcomes[i]!.is === 'written') this.#rememberClocks(append)
    })
    const written = outcomes.flatMap((outcome) => (outcome.is === 'written' ? outcome.stored : []))
    const newest = written.at(-1)
    await Promise.all(group.map((append, i) => this.#answer(append, outcomes[i]!)))
    if (newest) this.#options.onWritten(newest.position)
  }

  async #writeInParts(group: readonly Waiting[], error: unknown): Promise<void> {
    for (const { request } of group) this.#heads.delete(request.streamId)
    if (group.length > 1 && mayBeOneAppend(error)) {
      const middle = group.length >> 1
      await this.#write(group.slice(0, middle))
      return this.#write(group.slice(middle))
    }
    const [only] = group
    if (only && isTakenNumber(error)) return this.#answerTaken(only)
    for (const { reject } of group) reject(appendFailure(error))
  }

  #rememberClocks({ request: { streamId }, coded }: PlannedAppend): void {
    for (const [replicaId, last] of coded.last) this.#options.clocks.set(streamId, replicaId, last)
  }

  async #answerTaken({ request, resolve, reject }: Waiting): Promise<void> {
    try {
      await this.#readHeads([request.streamId])
      const actualRevision = (this.#heads.get(request.streamId)?.revision ?? 0) as Revision
      resolve({ ok: false, reason: 'conflict', actualRevision })
    } catch (error) {
      reject(unavailable(error))
    }
  }

  async #answer(append: Waiting, outcome: Outcome): Promise<void> {
    const { request, resolve, reject } = append
    switch (outcome.is) {
      case 'written': {
        const newest = outcome.stored.at(-1)
        if (newest) {
          const { revision, hash, recordedAt } = newest
          this.#heads.set(request.streamId, { revision, hash, recordedAt })
        }
        return resolve({ ok: true, stored: outcome.stored })
      }
      case 'duplicate':
        return this.#options
          .readAgain(request)
          .then((stored) => resolve({ ok: true, stored }), reject)
      case 'stale-epoch':
        return resolve({ ok: false, reason: 'stale-epoch', epoch: outcome.epoch })
      case 'stale-head':
        // Not its turn lost: nothing was wrong with it, so that it stays the oldest.
        this.#heads.set(request.streamId, outcome.head)
        this.#waiting.unshift(append)
        this.#waitingSize += append.size
        return
      case 'conflict': {
        this.#heads.set(request.streamId, outcome.head)
        const actualRevision = outcome.head.revision as Revision
        return resolve({ ok: false, reason: 'conflict', actualRevision })
      }
    }
  }

  /** Reads the heads of those streams that are unknown, or known as shorter than the caller does. */
  async #learnHeads(group: readonly Waiting[]): Promise<void> {
    const unknown = group.flatMap(({ request: { streamId, expectedRevision } }) =>
      (this.#heads.get(streamId)?.revision ?? 0) < expectedRevision ? [streamId] : [],
    )
    if (unknown.length > 0) await this.#readHeads(unknown)
  }

  async #readHeads(streamIds: readonly StreamId[]): Promise<void> {
    const { rows } = await this.#options.pool.query<{
      streamId: StreamId
      revision: number
      hash: string
      recordedAt: Date
    }>({
      name: 'log-heads',
      text: `SELECT stream_id AS "streamId", revision, encode(hash, 'hex') AS hash,
               recorded_at AS "recordedAt"
             FROM log.stream WHERE stream_id = ANY ($1)`,
      values: [streamIds],
      types: logTypes,
    })
    for (const { streamId, revision, hash, recordedAt } of rows) {
      this.#heads.set(streamId, { revision, hash, recordedAt: recordedAt.toISOString() })
    }
  }
}
