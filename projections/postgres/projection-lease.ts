/**
 * The right to write the read models: one projector at a time, in the whole database.
 *
 * It is a lock of a database session, and everything is written on that same connection. So it ends
 * with its holder, however that dies, and a holder that lost it cannot write any more. A rebuild has
 * a lock of its own, which every projector looks at before it takes the lease: whoever holds the
 * lease is asked to yield it, and nobody else takes it first.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { ProjectionStore } from '../projection-store.ts'
import { postgresProjectionStore } from './postgres-projection-store.ts'

/** A pool that has a connection to spare for as long as a projector runs. */
export type Database = Pick<pg.Pool, 'connect' | 'query'>

export interface ProjectionLease {
  readonly store: ProjectionStore
  /** Resolves when somebody asks for the lease; rejects when the connection breaks. */
  readonly ended: Promise<void>
  /** May be called again. */
  readonly release: () => void
}

const PROJECTOR_LOCK = 4718261056
const REBUILD_LOCK = 4718261057
const YIELD_CHANNEL = 'projector_yield'
/** Milliseconds between two looks of a rebuild that waits, each with a request to the projector. */
const ASK_AGAIN_MS = 100

/** The lease, for a projector; null while another one, or a rebuild, has it. */
export async function takeLease(database: Database): Promise<ProjectionLease | null> {
  const connection = await connect(database)
  try {
    if (await connection.says('pg_try_advisory_lock_shared', REBUILD_LOCK)) {
      const isTaken = await connection.says('pg_try_advisory_lock', PROJECTOR_LOCK)
      await connection.says('pg_advisory_unlock_shared', REBUILD_LOCK)
      if (isTaken) return await connection.lease()
    }
    connection.handBack()
    return null
  } catch (error) {
    connection.close()
    throw error
  }
}

export interface DemandOptions {
  /** Called once when a projector has to be asked. */
  readonly onWait?: () => void
  readonly signal?: AbortSignal
}

/** The lease, for a rebuild: waits for another rebuild to end, and has the projector pause. */
export async function demandLease(
  database: Database,
  { onWait = () => undefined, signal }: DemandOptions = {},
): Promise<ProjectionLease> {
  const connection = await connect(database)
  const isLocked = (lock: number) => connection.says('pg_try_advisory_lock', lock)
  const wait = () => delay(ASK_AGAIN_MS, undefined, { ...(signal && { signal }) })
  try {
    while (!(await isLocked(REBUILD_LOCK))) await wait()
    for (let isAsked = false; !(await isLocked(PROJECTOR_LOCK)); isAsked = true) {
      if (!isAsked) onWait()
      await connection.client.query(`NOTIFY ${YIELD_CHANNEL}`)
      await wait()
    }
    return await connection.lease()
  } catch (error) {
    connection.close()
    throw error
  }
}

async function connect(database: Database) {
  const client = await database.connect()
  let onYield!: () => void
  let onBreak!: (error: Error) => void
  const ended = new Promise<void>((resolve, reject) => {
    onYield = resolve
    onBreak = reject
  })
  // Looked at only while the lease is in use; what breaks before fails the query that is under way.
  ended.catch(() => undefined)
  client.on('error', onBreak)

  let isClosed = false
  // Its locks and temporary tables end with the connection.
  function close(): void {
    if (!isClosed) client.release(true)
    isClosed = true
  }

  async function lease(): Promise<ProjectionLease> {
    client.on('end', () => onBreak(new Error('The connection of the projector was closed.')))
    client.on('notification', onYield)
    // A holder whose machine is gone is found out within half a minute, and the lock is free.
    await client.query(
      `SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4;
       SET statement_timeout = 0; SET lock_timeout = 0; LISTEN ${YIELD_CHANNEL}`,
    )
    return { store: postgresProjectionStore(client), ended, release: close }
  }

  return {
    client,
    lease,
    close,
    handBack() {
      client.off('error', onBreak)
      client.release()
    },
    /** Calls a function of a lock; whether it says yes. */
    async says(lockFunction: string, lock: number): Promise<boolean> {
      const { rows } = await client.query<{ yes: boolean }>(`SELECT ${lockFunction}($1) AS yes`, [
        lock,
      ])
      return rows[0]!.yes
    },
  }
}
