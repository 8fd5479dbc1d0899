import pg from 'pg'
import type { LogEvent, StoredEvent } from '../../../domain/events/event.ts'
import type { Position, Revision } from '../../../domain/ids.ts'
import type { ClockedRow } from './stored-clocks.ts'

/** The columns of log.event that make up a stored event, hashes as hexadecimal text. */
export const STORED_COLUMNS = `position, revision, recorded_at AS "recordedAt",
  encode(prev_hash, 'hex') AS "prevHash", encode(hash, 'hex') AS hash,
  stream_id AS "streamId", clock_is_delta AS "isDelta", event`

export interface StoredRow extends ClockedRow {
  position: number
  revision: number
  recordedAt: Date
  prevHash: string
  hash: string
}

const INT8 = 20

/**
 * Reads int8 as a number, in the queries that ask for it only: pg's own setting is for the whole
 * process. Positions, revisions and epochs stay far below 2^53.
 */
export const logTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** @param event the row's event with its whole clock */
export function storedEvent(row: StoredRow, event: LogEvent): StoredEvent {
  return {
    revision: row.revision as Revision,
    position: row.position as Position,
    recordedAt: row.recordedAt.toISOString(),
    prevHash: row.prevHash,
    hash: row.hash,
    event,
  }
}
