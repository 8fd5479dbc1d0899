import { expect } from 'chai'
import { canonicalJson } from '../../domain/json.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { createMemoryLog } from '../../domain/log/memory-log.ts'
import {
  startProjector,
  type Projector,
  type ProjectorOptions,
} from '../../projections/projector.ts'
import { EVENTS_START_MS } from '../support/events.ts'
import { oracleQueries, oracleRows } from './oracle.ts'
import { projectionDatabase, type ProjectionDatabase } from './postgres/projection-database.ts'
import { imagesOf, ReplayedFeed } from './postgres/replayed-feed.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const texts = (rows: readonly unknown[]) => rows.map(canonicalJson).sort()

/** A log in memory, a database of its own, and the projectors between them. */
export class ProjectionScene {
  readonly database: ProjectionDatabase
  readonly log = newLog()
  private readonly projectors: Projector[] = []

  private constructor(database: ProjectionDatabase) {
    this.database = database
  }

  static async open(): Promise<ProjectionScene> {
    return new ProjectionScene(await projectionDatabase())
  }

  start(options: Partial<ProjectorOptions> = {}): Projector {
    const projector = startProjector({
      log: this.log,
      database: this.database.pool,
      logger: silent,
      batchSize: 7,
      standbyMs: 20,
      ...options,
    })
    this.projectors.push(projector)
    return projector
  }

  async projected(projector: Projector): Promise<void> {
    await projector.waitFor(await this.log.head())
  }

  /** The tables show what the log amounts to, and the feed leads to the same rows. */
  async expectRight(): Promise<void> {
    const expected = await oracleRows(this.log)
    const feed = new ReplayedFeed()
    await feed.catchUp(this.database.pool)
    for (const [table, query] of Object.entries(oracleQueries)) {
      const rows = await this.database.values(query)
      expect(texts(rows), table).to.deep.equal(texts(expected[table]!))
      expect(feed.rows(table), table).to.deep.equal(await imagesOf(this.database.pool, table))
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.projectors.map((projector) => projector.stop()))
    await this.database.drop()
  }
}

export function newLog(): EventLog {
  let now = EVENTS_START_MS
  return createMemoryLog({ now: () => (now += 1_000) })
}
