/**
 * Migrations of the database: numbered pieces of SQL, each applied once and never changed after.
 *
 * Several nodes may start at once on one database: each migration runs in a transaction under one
 * advisory lock, so that one node applies it and the others find it done.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'

export interface Migration {
  /** A number that orders it within its room and a name, `0001-log`; unique in the database. */
  readonly id: string
  /** One or more statements that may run in a transaction. */
  readonly sql: string
}

/** A migration that was applied differs from the one of this program. */
export class MigrationChanged extends Error {
  readonly code = 'migration-changed'
  constructor(id: string) {
    super(
      `Migration ${id} has changed since this database applied it. Put it back as it was, and ` +
        'bring the change in a migration of its own.',
    )
    this.name = 'MigrationChanged'
  }
}

const LOCK = 4718261054

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS public.schema_migration (
    id         text PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`

/** The `.sql` files of a folder as migrations, in the order of their names. */
export function readMigrations(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({
      id: name.slice(0, -'.sql'.length),
      sql: readFileSync(new URL(name, folder), 'utf8'),
    }))
}

/**
 * Applies those migrations that the database has not seen, in the order given.
 * @returns the ids of those that were applied now
 * @throws MigrationChanged when one that was applied before reads differently now
 */
export async function migrate(pool: pg.Pool, migrations: readonly Migration[]): Promise<string[]> {
  const applied: string[] = []
  await inLockedTransaction(pool, (client) => client.query(CREATE_TABLE))
  for (const migration of migrations) {
    const isNew = await inLockedTransaction(pool, (client) => applyOnce(client, migration))
    if (isNew) applied.push(migration.id)
  }
  return applied
}

async function applyOnce(client: pg.ClientBase, { id, sql }: Migration): Promise<boolean> {
  const checksum = checksumOf(sql)
  const { rows } = await client.query<{ checksum: string }>(
    'SELECT checksum FROM public.schema_migration WHERE id = $1',
    [id],
  )
  const known = rows[0]
  if (known && known.checksum !== checksum) throw new MigrationChanged(id)
  if (known) return false
  await client.query(sql)
  await client.query('INSERT INTO public.schema_migration (id, checksum) VALUES ($1, $2)', [
    id,
    checksum,
  ])
  return true
}

async function inLockedTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let failure: unknown
  // A connection that breaks between two statements says so here; the next statement fails anyway.
  const onError = (error: Error) => (failure = error)
  client.on('error', onError)
  try {
    await client.query('BEGIN')
    await client.query("SELECT set_config('lock_timeout', '0', true)")
    await client.query("SELECT set_config('statement_timeout', '0', true)")
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    failure = error
    throw error
  } finally {
    client.off('error', onError)
    // A connection that failed is closed, which rolls its transaction back.
    client.release(failure !== undefined)
  }
}

/** The same for a checkout with Windows' line ends. */
function checksumOf(sql: string): string {
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')
}
