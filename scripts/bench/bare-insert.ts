/** The limit: the same rows by plain multi-row INSERTs, without order, chain or checks. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { PipelineEvent } from '../../domain/events/event.ts'
import { pipelineStream, type PipelineId } from '../../domain/ids.ts'

/** Writes a batch as events 1 + `from` and following of a pipeline. */
export type WriteBatch = (
  pipelineId: PipelineId,
  from: number,
  events: readonly PipelineEvent[],
) => Promise<unknown>

export interface BareInsert {
  readonly write: WriteBatch
  /** So that no variant pays for the dirty pages of the one before. */
  checkpoint(): Promise<unknown>
  close(): Promise<void>
}

const COLUMNS = 11

function bareInsert(pool: pg.Pool, batch: number): WriteBatch {
  const rows = Array.from({ length: batch }, (_, row) => {
    const params = Array.from({ length: COLUMNS }, (__, column) => `$${row * COLUMNS + column + 1}`)
    return `(${params.join(', ')})`
  })
  const query = { name: 'bare-insert', text: `INSERT INTO bare_event VALUES ${rows.join(', ')}` }
  let position = 0
  return (pipelineId, from, events) => {
    const recordedAt = new Date().toISOString()
    const hash = randomBytes(32)
    const values = events.flatMap((event, i) => [
      ++position,
      pipelineStream(pipelineId),
      from + i + 1,
      event.id,
      event.type,
      event.replicaId,
      event.seq,
      recordedAt,
      hash,
      hash,
      JSON.stringify(event),
    ])
    return pool.query({ ...query, values })
  }
}

/** Makes a table like the log's, with the same indexes, and writes to it on as many connections. */
export async function openBareInsert(
  url: string,
  writers: number,
  batch: number,
): Promise<BareInsert> {
  const pool = new pg.Pool({ connectionString: url, max: writers })
  await pool.query('CREATE TABLE bare_event (LIKE log.event INCLUDING ALL)')
  return {
    write: bareInsert(pool, batch),
    checkpoint: () => pool.query('CHECKPOINT'),
    close: () => pool.end(),
  }
}
