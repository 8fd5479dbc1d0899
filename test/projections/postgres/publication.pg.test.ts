import { expect } from 'chai'
import { ensurePublication } from '../../../projections/postgres/publication.ts'
import { readModels } from '../../../projections/read-models.ts'
import { projectionDatabase, type ProjectionDatabase } from './projection-database.ts'

describe('the publication', () => {
  let database: ProjectionDatabase
  beforeEach(async () => (database = await projectionDatabase()))
  afterEach(() => database.drop())

  const published = (name: string) =>
    database
      .values(`SELECT tablename::text FROM pg_publication_tables WHERE pubname = '${name}'`)
      .then((names) => names.sort())

  const all = readModels.map(({ table }) => table).sort()

  it('has every read model, under any name, whoever makes it first', async () => {
    await Promise.all([1, 2, 3].map(() => ensurePublication(database.pool, 'Odd "name"')))
    expect(await published('Odd "name"')).to.deep.equal(all)
  })

  it('keeps the tables that others added, and gets those that are missing', async () => {
    await database.pool.query(
      'CREATE TABLE mine (id int); CREATE PUBLICATION pipeline_sync FOR TABLE mine, steps',
    )
    await ensurePublication(database.pool, 'pipeline_sync')
    expect(await published('pipeline_sync')).to.deep.equal([...all, 'mine'].sort())
  })

  it('is left as it is where it has all tables', async () => {
    await database.pool.query('CREATE PUBLICATION pipeline_sync FOR ALL TABLES')
    await ensurePublication(database.pool, 'pipeline_sync')
    expect(await published('pipeline_sync')).to.include.members(all)
  })
})
