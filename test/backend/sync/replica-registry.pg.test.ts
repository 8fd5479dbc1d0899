import {
  openAuthDatabase,
  type AuthDatabase,
} from '../../../backend/auth/postgres/auth-database.ts'
import { createPostgresReplicaRegistry } from '../../../backend/auth/postgres/postgres-replica-registry.ts'
import type { ReplicaRegistry } from '../../../backend/sync/replica-registry.ts'
import { createMemoryReplicaRegistry } from '../../support/memory-replica-registry.ts'
import { testDatabase, type TestDatabase } from '../../support/postgres.ts'
import { describeReplicaRegistry } from '../../support/replica-registry-contract.ts'

const memory = createMemoryReplicaRegistry()
describeReplicaRegistry('memory', () => memory)

describe('with a database', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let accounts: AuthDatabase
  let registry: ReplicaRegistry

  before(async () => {
    database = await testDatabase()
    const onError = (error: Error) => console.error(error)
    accounts = await openAuthDatabase({ databaseUrl: database.url, onError })
    registry = createPostgresReplicaRegistry(accounts)
  })

  after(async () => {
    await accounts?.close()
    await database?.drop()
  })

  describeReplicaRegistry('Postgres', () => registry)
})
