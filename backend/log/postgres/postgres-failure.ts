import pg from 'pg'
import { AppendRefused, LogUnavailable, TAKEN_ID } from '../../../domain/log/event-log.ts'

/**
 * Classes of SQLSTATE that speak of the server or the connection and not of what was sent, so that
 * every other append would meet them too: connection, read-only or broken transaction, login,
 * database, a lock not granted in time, shutdown or cancel, system.
 */
const OF_THE_SERVER = new Set(['08', '25', '28', '3D', '55', '57', '58'])
const TOO_MANY_CONNECTIONS = '53300'
/** Data, constraints, limits of the program: what was sent can never be stored. */
const OF_THE_DATA = new Set(['22', '23', '54'])
const UNIQUE_VIOLATION = '23505'

/** Whether one append of a group may be the reason, so that the others are worth a try alone. */
export function mayBeOneAppend(error: unknown): boolean {
  const code = sqlState(error)
  return code !== null && !OF_THE_SERVER.has(code.slice(0, 2)) && code !== TOO_MANY_CONNECTIONS
}

/** Whether a replica's number was taken already, by an event with another id. */
export function isTakenNumber(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    error.constraint === 'event_replica_seq'
  )
}

/** Whether an event is in the log already, at another place. */
function isTakenId(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    error.constraint === 'event_id_once'
  )
}

/** What a failed append means to its caller. */
export function appendFailure(error: unknown): LogUnavailable | AppendRefused {
  if (isTakenId(error)) return new AppendRefused(TAKEN_ID, { cause: error })
  const code = sqlState(error)
  const isRefused = code !== null && OF_THE_DATA.has(code.slice(0, 2)) && code !== UNIQUE_VIOLATION
  if (!isRefused) return unavailable(error)
  return new AppendRefused(`The event cannot be stored: ${said(error)}.`, { cause: error })
}

export function unavailable(error: unknown): LogUnavailable {
  return new LogUnavailable(
    `The event log did not answer: ${said(error)}. Try again; if it stays so, look at the database.`,
    { cause: error },
  )
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Five characters; null where Postgres did not answer. */
function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null
}
