import { expect } from 'chai'
import pg from 'pg'
import { migrate, MigrationChanged, type Migration } from '../../../backend/postgres/migrations.ts'
import { testDatabase, type TestDatabase } from '../../support/postgres.ts'

const MAKE: Migration = { id: '0001-make', sql: 'CREATE TABLE thing (id int); SELECT 1' }
const FILL: Migration = { id: '0002-fill', sql: 'INSERT INTO thing VALUES (1),\n(2)' }

describe('migrations', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let pool: pg.Pool

  beforeEach(async () => {
    database = await testDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 8 })
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  const things = async () => (await pool.query('SELECT id FROM thing ORDER BY id')).rows
  const recorded = async () =>
    (await pool.query('SELECT id FROM schema_migration ORDER BY id')).rows.map(({ id }) => id)

  it('are applied in order, once each, and tell which were new', async () => {
    expect(await migrate(pool, [MAKE])).to.deep.equal(['0001-make'])
    expect(await migrate(pool, [MAKE, FILL])).to.deep.equal(['0002-fill'])
    expect(await migrate(pool, [MAKE, FILL])).to.deep.equal([])
    expect(await things()).to.deep.equal([{ id: 1 }, { id: 2 }])
    expect(await recorded()).to.deep.equal(['0001-make', '0002-fill'])
  })

  it('are applied once when several nodes start at the same time', async () => {
    const nodes = await Promise.all(Array.from({ length: 6 }, () => migrate(pool, [MAKE, FILL])))
    expect(nodes.flat().sort()).to.deep.equal(['0001-make', '0002-fill'])
    expect(await things()).to.deep.equal([{ id: 1 }, { id: 2 }])
  })

  it('are applied whole or not at all', async () => {
    const broken = { id: '0002-broken', sql: 'INSERT INTO thing VALUES (7); SELECT 1 / 0' }
    const error = await migrate(pool, [MAKE, broken]).catch((thrown: Error) => thrown.message)
    expect(error).to.equal('division by zero')
    expect(await things()).to.deep.equal([])
    expect(await recorded()).to.deep.equal(['0001-make'])
    expect(await migrate(pool, [MAKE, FILL])).to.deep.equal(['0002-fill'])
  })

  it('are refused when one that was applied has changed', async () => {
    await migrate(pool, [MAKE])
    const changed = { ...MAKE, sql: 'CREATE TABLE thing (id bigint)' }
    const error = await migrate(pool, [changed, FILL]).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(MigrationChanged)
    expect((error as Error).message).to.contain('0001-make')
    expect(await recorded()).to.deep.equal(['0001-make'])
  })

  it('are the same with the line ends of Windows', async () => {
    await migrate(pool, [MAKE, FILL])
    const windows = { ...FILL, sql: FILL.sql.replaceAll('\n', '\r\n') }
    expect(await migrate(pool, [MAKE, windows])).to.deep.equal([])
  })
})
