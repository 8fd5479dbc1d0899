/** The read models in memory: what the simulation projects into. */
import type { ActorId, Position, StreamId, TeamId } from '../../domain/ids.ts'
import {
  CheckpointMoved,
  type Fault,
  type LiveProjectionStore,
  type ProjectionCheckpoint,
} from '../../projections/projection-store.ts'
import type { Row, Table } from '../../projections/read-model.ts'
import type { RowChanges } from '../../projections/row-changes.ts'

/** A store whose rows can be looked at. */
export interface OpenProjectionStore extends LiveProjectionStore {
  /** The rows of a table, in no order. */
  rows(table: string): Promise<readonly Row[]>
}

export function createMemoryProjectionStore(): OpenProjectionStore {
  let at: ProjectionCheckpoint = { position: 0 as Position, hash: '', version: 0 }
  const tables = new Map<string, Map<string, Row>>()
  const faults = new Map<StreamId, Fault>()

  const rowsOf = (name: string): Map<string, Row> => {
    const rows = tables.get(name) ?? new Map<string, Row>()
    tables.set(name, rows)
    return rows
  }

  function change({ table, inserted, updated, deleted, replacedScope }: RowChanges): void {
    const rows = rowsOf(table.table)
    if (replacedScope !== undefined) {
      for (const [key, row] of rows) if (row[table.scope] === replacedScope) rows.delete(key)
    }
    for (const row of deleted) rows.delete(keyOf(table, row))
    for (const row of [...inserted, ...updated]) rows.set(keyOf(table, row), row)
  }

  return {
    checkpoint: async () => at,
    faults: async () => [...faults.values()],
    async teamsOf(people) {
      const teams = new Map<ActorId, TeamId[]>()
      for (const row of rowsOf('users').values()) {
        const id = row['id'] as ActorId
        if (people.includes(id)) {
          teams.set(id, [...(teams.get(id) ?? []), row['team_id'] as TeamId])
        }
      }
      return teams
    },
    async write(batch) {
      if (at.position !== batch.from) throw new CheckpointMoved(batch.from)
      at = batch.to
      for (const { changes } of batch.streams) changes.forEach(change)
      for (const streamId of batch.healed ?? []) faults.delete(streamId)
      for (const fault of batch.faults) faults.set(fault.streamId, fault)
      return batch.faults
    },
    rows: async (table) => [...rowsOf(table).values()],
  }
}

function keyOf({ key }: Table, row: Row): string {
  return JSON.stringify(key.map((column) => row[column]))
}
