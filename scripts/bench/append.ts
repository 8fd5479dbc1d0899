/**
 * Appending through the event log against writing the same rows with plain INSERTs: what order,
 * hash chain, expected revision and retry safety cost.
 */
import { randomUUID } from 'node:crypto'
import { pipelineStream, type PipelineId, type Revision } from '../../domain/ids.ts'
import { createPostgresLog } from '../../backend/log/postgres/postgres-log.ts'
import { openBareInsert, type WriteBatch } from './bare-insert.ts'
import { makeEvents } from './edits.ts'
import { median } from './median.ts'

const WRITERS = 8
const BATCH = 100
const ROUNDS = 5
/** Appends of one writer in one round, about a second. */
const APPENDS = 30

export interface AppendBench {
  /** Median events per second through the log. */
  readonly appended: number
  /** Median events per second by multi-row INSERTs of the same events into a table like the log's. */
  readonly inserted: number
  /** Each round's appended / inserted. */
  readonly ratios: readonly number[]
}

/**
 * Measures 8 writers with batches of 100 events, log and plain INSERT in turn.
 * @param url a database of its own: the log's tables are made in it, and stay
 */
export async function benchAppend(url: string): Promise<AppendBench> {
  const log = await createPostgresLog({ databaseUrl: url, now: Date.now })
  const bare = await openBareInsert(url, WRITERS, BATCH)
  const append: WriteBatch = (pipelineId, from, events) =>
    log.append({
      streamId: pipelineStream(pipelineId),
      expectedRevision: from as Revision,
      events,
    })
  const rounds: { appended: number; inserted: number }[] = []
  try {
    await round(append, 5)
    await round(bare.write, 5)
    for (let i = 0; i < ROUNDS; i++) {
      await bare.checkpoint()
      const appended = await round(append, APPENDS)
      await bare.checkpoint()
      rounds.push({ appended, inserted: await round(bare.write, APPENDS) })
    }
  } finally {
    await log.close()
    await bare.close()
  }
  return {
    appended: median(rounds.map(({ appended }) => appended)),
    inserted: median(rounds.map(({ inserted }) => inserted)),
    ratios: rounds.map(({ appended, inserted }) => appended / inserted),
  }
}

/** Events per second of one round in which each writer fills a pipeline of its own. */
async function round(write: WriteBatch, appends: number): Promise<number> {
  const work = Array.from({ length: WRITERS }, () => {
    const pipelineId = randomUUID() as PipelineId
    return { pipelineId, events: makeEvents(pipelineId, appends * BATCH) }
  })
  const startedAt = performance.now()
  await Promise.all(
    work.map(async ({ pipelineId, events }) => {
      for (let from = 0; from < events.length; from += BATCH) {
        await write(pipelineId, from, events.slice(from, from + BATCH))
      }
    }),
  )
  return (WRITERS * appends * BATCH * 1000) / (performance.now() - startedAt)
}
