/** The publication that real Electric replicates from, so that it can be put in front. */
import type pg from 'pg'
import { readModels } from '../read-models.ts'

const LOCK = 4718261058

/**
 * Makes sure that a publication has every read model. Tables that somebody else has added to it stay
 * in it. Several nodes may call it at once.
 * @param name of the publication, any text that Postgres takes as a name
 */
export async function ensurePublication(
  pool: Pick<pg.Pool, 'connect'>,
  name: string,
): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    await addTables(client, name)
    await client.query('COMMIT')
    client.release()
  } catch (error) {
    client.release(true)
    throw error
  }
}

async function addTables(client: pg.ClientBase, name: string): Promise<void> {
  const publication = client.escapeIdentifier(name)
  const { rows } = await client.query<{ all: boolean; published: string[] }>(
    `SELECT puballtables AS all,
            ARRAY(SELECT tablename::text FROM pg_publication_tables
                   WHERE pubname = $1 AND schemaname = 'public') AS published
       FROM pg_publication WHERE pubname = $1`,
    [name],
  )
  const [existing] = rows
  if (existing?.all) return
  const missing = readModels
    .filter(({ table }) => !existing?.published.includes(table))
    .map(({ table }) => `public.${client.escapeIdentifier(table)}`)
  if (missing.length === 0) return
  await client.query(
    existing
      ? `ALTER PUBLICATION ${publication} ADD TABLE ${missing.join(', ')}`
      : `CREATE PUBLICATION ${publication} FOR TABLE ${missing.join(', ')}`,
  )
}
