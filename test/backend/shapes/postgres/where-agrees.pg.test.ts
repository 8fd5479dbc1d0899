import { expect } from 'chai'
import fc from 'fast-check'
import pg from 'pg'
import { whereSql } from '../../../../backend/shapes/postgres/where-sql.ts'
import { checkWhere } from '../../../../backend/shapes/where/check-where.ts'
import { parseWhere } from '../../../../backend/shapes/where/parse-where.ts'
import { wherePredicate, type TextRow } from '../../../../backend/shapes/where/where-predicate.ts'
import { testDatabase, type TestDatabase } from '../../../support/postgres.ts'
import { anyClause, CATALOG, COLUMNS, SAMPLE_TABLE, sampleRow } from './any-clause.ts'

const ROWS = 120
const CLAUSES = 400
const SETTINGS = `SET DateStyle = 'ISO, DMY'; SET TimeZone = 'UTC'; SET extra_float_digits = 1`
/** Every value as the text that Postgres sent. */
const asText = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig

describe('a where clause on random rows', function () {
  this.timeout(120_000)
  let database: TestDatabase
  let client: pg.Client
  let rows: TextRow[]
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

  before(async () => {
    database = await testDatabase()
    client = new pg.Client({ connectionString: database.url, types: asText })
    await client.connect()
    await client.query(`${SETTINGS}; ${SAMPLE_TABLE}`)
    const samples = fc.sample(sampleRow, { seed, numRuns: ROWS })
    const names = COLUMNS.join(', ')
    const places = COLUMNS.map((_, n) => `$${n + 2}`).join(', ')
    for (const [id, sample] of samples.entries()) {
      const values = COLUMNS.map((column) => sample[column])
      await client.query(`INSERT INTO sample (id, ${names}) VALUES ($1, ${places})`, [
        id,
        ...values,
      ])
    }
    rows = (await client.query<TextRow>('SELECT * FROM sample')).rows
  })
  after(async () => {
    await client?.end()
    await database?.drop()
  })

  async function idsWhere(sql: string, values: readonly unknown[]): Promise<string[]> {
    const found = await client.query<{ id: string }>(`SELECT id FROM sample WHERE ${sql}`, [
      ...values,
    ])
    return found.rows.map(({ id }) => id).sort()
  }

  it('selects the same as SQL, as a predicate, and as Postgres reads the clause itself', async () => {
    let selective = 0
    const agrees = fc.asyncProperty(anyClause, async ({ clause, params }) => {
      const condition = checkWhere(parseWhere(clause), { columns: CATALOG, params })
      const expected = await idsWhere(clause, params)
      const { sql, values } = whereSql(condition, 1)
      const isWanted = wherePredicate(condition)
      const kept = rows.filter(isWanted).map(({ id }) => id!)
      expect(kept.sort(), `as a predicate: ${clause}`).to.deep.equal(expected)
      expect(await idsWhere(sql, values), `as SQL: ${sql}`).to.deep.equal(expected)
      if (expected.length > 0 && expected.length < ROWS) selective += 1
    })
    await fc.assert(agrees, { seed, numRuns: CLAUSES })
    // Clauses that keep every row or none tell little.
    expect(selective).to.be.greaterThan(CLAUSES / 4)
  })
})
