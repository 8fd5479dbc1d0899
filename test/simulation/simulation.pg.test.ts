import { createPostgresLog, type PostgresLog } from '../../backend/log/postgres/postgres-log.ts'
import { postgresProjectionStore } from '../../projections/postgres/postgres-projection-store.ts'
import type { Row } from '../../projections/read-model.ts'
import {
  projectionDatabase,
  type ProjectionDatabase,
} from '../projections/postgres/projection-database.ts'
import { run } from './run.ts'

describe('devices and a server under faults, over Postgres', function () {
  this.timeout(180_000)
  let database: ProjectionDatabase
  let log: PostgresLog

  beforeEach(async () => {
    database = await projectionDatabase()
    const databaseUrl = String(database.pool.options.connectionString)
    log = await createPostgresLog({ databaseUrl, now: Date.now })
  })

  afterEach(async () => {
    await log.close()
    await database.drop()
  })

  for (const seed of [1, 2, 3]) {
    it(`agree and heal: seed ${seed}`, async () => {
      const client = await database.pool.connect()
      const projection = {
        ...postgresProjectionStore(client),
        rows: async (table: string) => {
          const { rows } = await client.query<{ row: Row }>(
            `SELECT to_jsonb(t) AS row FROM public.${table} t`,
          )
          return rows.map(({ row }) => row)
        },
      }
      try {
        const { failure } = await run({ seed, engine: { log, projection } })
        if (failure) throw failure
      } finally {
        client.release()
      }
    })
  }
})
