import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { Subscription } from 'rxjs'
import { followFeed } from '../../../../backend/shapes/postgres/follow-feed.ts'
import type { FeedNews } from '../../../../backend/shapes/shape-database.ts'
import {
  projectionDatabase,
  type ProjectionDatabase,
} from '../../../projections/postgres/projection-database.ts'
import { insertPipelines } from '../shape-test-server.ts'

const NAME = 'feed under test'

describe('a follower of the change feed', function () {
  this.timeout(30_000)
  let database: ProjectionDatabase
  let following: Subscription
  let seen: string[]
  let retries: number
  let isWanted: boolean
  let next = 1

  beforeEach(async () => {
    database = await projectionDatabase()
    seen = []
    retries = 0
    isWanted = true
  })
  afterEach(async () => {
    following.unsubscribe()
    await database.drop()
  })

  function follow(after = 0): void {
    const connection = {
      connectionString: String(database.pool.options.connectionString),
      application_name: NAME,
    }
    following = followFeed({
      ...{ connection, after, isWanted: () => isWanted },
      onRetry: () => (retries += 1),
    }).subscribe((news) => seen.push(...brief(news)))
  }

  const brief = (news: FeedNews) =>
    news.kind === 'leap'
      ? [`leap to ${news.commit}`]
      : news.changes.map(({ commit, op }) => `${commit}_${op}`)

  /** Writes so many rows in one transaction. */
  async function write(rows = 1): Promise<void> {
    await database.pool.query(insertPipelines(Array.from({ length: rows }, () => next++)))
  }

  async function seenAll(...expected: string[]): Promise<void> {
    while (seen.length < expected.length) await delay(5)
    expect(seen).to.deep.equal(expected)
  }

  it('hears of every change once, of those before and of those to come', async () => {
    await write(2)
    follow()
    await seenAll('1_1', '1_2')
    await write()
    await write(2)
    await seenAll('1_1', '1_2', '2_1', '3_1', '3_2')
  })

  it('hears of a transaction that is longer than one reading', async () => {
    follow()
    await write(2_500)
    await seenAll(...Array.from({ length: 2_500 }, (_, n) => `1_${n + 1}`))
  })

  it('goes on where it was when its connection breaks', async () => {
    follow()
    await write()
    await seenAll('1_1')
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${NAME}'`,
    )
    await write()
    while (retries === 0) await delay(5)
    await write()
    await seenAll('1_1', '2_1', '3_1')
  })

  it('leaps where changes were forgotten that it has not seen, and says so', async () => {
    for (let commit = 1; commit <= 4; commit++) await write()
    await database.pool.query(`SELECT change_feed.forget(now() + interval '1 hour')`)
    follow(1)
    await seenAll('leap to 4')
    await write()
    await seenAll('leap to 4', '5_1')
  })

  it('leaps back where the database was put back to an earlier state', async () => {
    follow(7)
    await seenAll('leap to 0')
    await write()
    await seenAll('leap to 0', '1_1')
  })

  it('passes over what nobody wants, and misses nothing from then on', async () => {
    isWanted = false
    follow()
    await write()
    await write()
    while (seen.at(-1) !== 'leap to 2') await delay(5)
    isWanted = true
    await write()
    while (seen.at(-1) !== '3_1') await delay(5)
  })

  it('lets go of its connection when it is not wanted any more', async () => {
    follow()
    await write()
    await seenAll('1_1')
    following.unsubscribe()
    const connections = async () =>
      (await database.pool.query(`SELECT FROM pg_stat_activity WHERE application_name = '${NAME}'`))
        .rowCount
    while ((await connections()) !== 0) await delay(5)
  })
})
