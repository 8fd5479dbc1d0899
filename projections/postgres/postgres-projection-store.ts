/** The read models in Postgres, on the one connection that holds the projector's lease. */
import type pg from 'pg'
import type { ActorId, Position, StreamId, TeamId } from '../../domain/ids.ts'
import {
  CheckpointMoved,
  RowsRefused,
  type Batch,
  type Fault,
  type ProjectionCheckpoint,
  type ProjectionStore,
  type Replacement,
  type RowCounts,
  type StreamChanges,
} from '../projection-store.ts'
import type { Row, Table } from '../read-model.ts'
import type { RowChanges } from '../row-changes.ts'
import {
  collectedName,
  collectGiven,
  collectedRows,
  deleteGiven,
  deleteUnwanted,
  givenRows,
  insertMissing,
  jsonChunks,
  nameOf,
  updateDifferent,
} from './table-sql.ts'

type Client = Pick<pg.ClientBase, 'query'>

/** @param client a connection of its own, on which nothing else is done */
export function postgresProjectionStore(client: Client): ProjectionStore {
  return {
    checkpoint: () => readCheckpoint(client),
    faults: () => readFaults(client),
    teamsOf: (people) => readTeamsOf(client, people),
    write: (batch) => writeBatch(client, batch),
    collect: (tables) => createCollections(client, tables),
    add: (table, rows) => addToCollection(client, table, rows),
    replace: (replacement) => inTransaction(client, () => replaceRows(client, replacement)),
  }
}

export async function readCheckpoint(client: Client): Promise<ProjectionCheckpoint> {
  const { rows } = await client.query<{ position: string; hash: string; version: number }>(
    'SELECT position::text, hash, version FROM public.projection_checkpoint',
  )
  const [row] = rows
  if (!row) return { position: 0 as Position, hash: '', version: 0 }
  return { ...row, position: Number(row.position) as Position }
}

async function readFaults(client: Client): Promise<Fault[]> {
  const { rows } = await client.query<{ stream_id: StreamId; position: string; message: string }>(
    'SELECT stream_id, position::text, message FROM public.projection_fault ORDER BY stream_id',
  )
  return rows.map(({ stream_id, position, message }) => ({
    streamId: stream_id,
    position: Number(position) as Position,
    message,
  }))
}

async function readTeamsOf(client: Client, people: readonly ActorId[]) {
  const { rows } = await client.query<{ id: ActorId; team_ids: TeamId[] }>(
    `SELECT id, array_agg(team_id::text) AS team_ids FROM public.users
      WHERE id = ANY ($1::uuid[]) GROUP BY id`,
    [people],
  )
  return new Map(rows.map(({ id, team_ids }) => [id, team_ids]))
}

async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // Where the connection is gone this fails too, and the first error is the one to tell.
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function writeBatch(client: Client, batch: Batch): Promise<readonly Fault[]> {
  try {
    return await inTransaction(client, async () => {
      await moveCheckpoint(client, batch.from, batch.to)
      await writeStreams(client, batch.streams)
      await writeFaults(client, batch.faults, batch.healed ?? [])
      return batch.faults
    })
  } catch (error) {
    if (!isAboutRows(error)) throw error
    return inTransaction(client, () => writeApart(client, batch))
  }
}

/** The batch again, stream by stream, so that one whose rows are refused stands alone. */
async function writeApart(client: Client, batch: Batch): Promise<readonly Fault[]> {
  await moveCheckpoint(client, batch.from, batch.to)
  const faults = [...batch.faults]
  for (const stream of batch.streams) {
    await client.query('SAVEPOINT stream')
    try {
      await writeStreams(client, [stream])
    } catch (error) {
      if (!isAboutRows(error)) throw error
      await client.query('ROLLBACK TO SAVEPOINT stream')
      const { message } = error as Error
      faults.push({ streamId: stream.streamId, position: batch.to.position, message, error })
    }
  }
  await writeFaults(client, faults, batch.healed ?? [])
  return faults
}

/**
 * Whether an error comes from what was written and would come again: data exceptions, violated
 * constraints and exceeded limits (classes 22, 23 and 54 of Postgres' error codes).
 */
function isAboutRows(error: unknown): boolean {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined
  return typeof code === 'string' && /^(22|23|54)...$/.test(code)
}

async function moveCheckpoint(
  client: Client,
  from: Position,
  { position, hash, version }: ProjectionCheckpoint,
): Promise<void> {
  const moved = await client.query(
    `UPDATE public.projection_checkpoint
        SET position = $2, hash = $3, version = $4, updated_at = now() WHERE position = $1`,
    [from, position, hash, version],
  )
  if (moved.rowCount === 1) return
  // There is no row before the first batch.
  const made = await client.query(
    `INSERT INTO public.projection_checkpoint (position, hash, version)
     SELECT $2::bigint, $3, $4::integer WHERE $1::bigint = 0 ON CONFLICT DO NOTHING`,
    [from, position, hash, version],
  )
  if (made.rowCount !== 1) throw new CheckpointMoved(from)
}

async function writeStreams(client: Client, streams: readonly StreamChanges[]): Promise<void> {
  const byTable = new Map<Table, RowChanges[]>()
  for (const change of streams.flatMap(({ changes }) => changes)) {
    const others = byTable.get(change.table)
    if (others) others.push(change)
    else byTable.set(change.table, [change])
  }
  for (const [table, changes] of byTable) await writeTable(client, table, changes)
}

async function writeTable(
  client: Client,
  table: Table,
  changes: readonly RowChanges[],
): Promise<void> {
  const replaced = changes.filter(({ replacedScope }) => replacedScope !== undefined)
  if (replaced.length > 0) {
    const keys = keysOf(
      table,
      replaced.flatMap(({ inserted }) => inserted),
    )
    const scopes = replaced.map(({ replacedScope }) => replacedScope)
    await client.query(deleteUnwanted(table, givenRows(table), 2), [
      JSON.stringify(keys),
      scopes,
      [],
    ])
  }
  const deleted = keysOf(
    table,
    changes.flatMap((change) => change.deleted),
  )
  for (const { json } of jsonChunks(deleted)) await client.query(deleteGiven(table), [json])

  const [insert, update] = [insertMissing, updateDifferent].map((sql) =>
    sql(table, givenRows(table)),
  ) as [string, string]
  await writeRows(
    client,
    changes.flatMap((change) => change.inserted),
    insert,
    update,
  )
  await writeRows(
    client,
    changes.flatMap((change) => change.updated),
    update,
    insert,
  )
}

/** Where a table is not as it was believed to be, the second statement takes the rows that remain. */
async function writeRows(
  client: Client,
  rows: readonly Row[],
  first: string,
  second: string,
): Promise<void> {
  for (const { json, count } of jsonChunks(rows)) {
    const { rowCount } = await client.query(first, [json])
    if (rowCount !== count) await client.query(second, [json])
  }
}

function keysOf({ key }: Table, rows: readonly Row[]): Row[] {
  return rows.map((row) => Object.fromEntries(key.map((column) => [column, row[column]!])))
}

async function writeFaults(
  client: Client,
  faults: readonly Fault[],
  healed: readonly StreamId[],
): Promise<void> {
  if (healed.length > 0) {
    await client.query('DELETE FROM public.projection_fault WHERE stream_id = ANY ($1)', [healed])
  }
  for (const { streamId, position, message } of faults) {
    await client.query(
      `INSERT INTO public.projection_fault (stream_id, position, message) VALUES ($1, $2, $3)
       ON CONFLICT (stream_id) DO UPDATE SET position = $2, message = $3, at = now()`,
      [streamId, position, message],
    )
  }
}

async function createCollections(client: Client, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    await client.query(`DROP TABLE IF EXISTS ${collectedName(table)}`)
    await client.query(`CREATE TEMP TABLE ${collectedName(table)} (LIKE ${nameOf(table)})`)
  }
}

async function addToCollection(client: Client, table: Table, rows: readonly Row[]): Promise<void> {
  try {
    for (const { json } of jsonChunks(rows)) await client.query(collectGiven(table), [json])
  } catch (error) {
    if (!isAboutRows(error)) throw error
    throw new RowsRefused((error as Error).message, { cause: error })
  }
}

async function replaceRows(
  client: Client,
  { tables, scope, exceptScopes, checkpoint, faults, healed }: Replacement,
): Promise<RowCounts[]> {
  const counts: RowCounts[] = []
  for (const table of tables) {
    const wanted = collectedRows(table)
    // Nothing else tells the planner how large the collection is.
    await client.query(`ANALYZE ${collectedName(table)}`)
    const scopes = scope === undefined ? null : [scope]
    const deleted = await client.query(deleteUnwanted(table, wanted, 1), [scopes, exceptScopes])
    const updated = await client.query(updateDifferent(table, wanted))
    const inserted = await client.query(insertMissing(table, wanted))
    counts.push({
      table: table.table,
      inserted: inserted.rowCount ?? 0,
      updated: updated.rowCount ?? 0,
      deleted: deleted.rowCount ?? 0,
    })
  }
  if (checkpoint) {
    await client.query('DELETE FROM public.projection_checkpoint')
    await moveCheckpoint(client, 0 as Position, checkpoint)
  }
  await writeFaults(client, faults, healed)
  return counts
}
