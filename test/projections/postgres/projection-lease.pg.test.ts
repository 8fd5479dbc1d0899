import { expect } from 'chai'
import { demandLease, takeLease } from '../../../projections/postgres/projection-lease.ts'
import { projectionDatabase, type ProjectionDatabase } from './projection-database.ts'

describe('the lease of the read models', () => {
  let database: ProjectionDatabase
  beforeEach(async () => (database = await projectionDatabase()))
  afterEach(() => database.drop())

  /** Giving back closes a connection, which the server notices a moment later. */
  async function untilTaken() {
    for (;;) {
      const lease = await takeLease(database.pool)
      if (lease) return lease
    }
  }

  it('is held by one at a time, and free when its holder gives it back', async () => {
    const lease = await takeLease(database.pool)
    expect(await takeLease(database.pool)).to.equal(null)
    lease!.release()
    lease!.release()
    const next = await untilTaken()
    next.release()
  })

  it('leaves a pool of two able to work while many ask in vain', async () => {
    const lease = await takeLease(database.pool)
    for (let n = 0; n < 30; n++) expect(await takeLease(database.pool)).to.equal(null)
    expect(database.pool.totalCount).to.be.lessThan(4)
    lease!.release()
  })

  it('ends when its connection breaks', async () => {
    const lease = await takeLease(database.pool)
    expect(await database.breakLease()).to.equal(true)
    const error: unknown = await lease!.ended.catch((e: unknown) => e)
    expect(error).to.be.instanceOf(Error)
    lease!.release()
    const next = await untilTaken()
    next.release()
  })

  it('is asked back by a rebuild, which gets it before any projector', async () => {
    const lease = await takeLease(database.pool)
    let waits = 0
    const demanded = demandLease(database.pool, { onWait: () => (waits += 1) })
    await lease!.ended
    expect(await takeLease(database.pool)).to.equal(null)
    lease!.release()
    const others = Promise.all(Array.from({ length: 20 }, () => takeLease(database.pool)))
    const rebuilding = await demanded
    expect((await others).every((other) => other === null)).to.equal(true)
    expect(waits).to.equal(1)
    rebuilding.release()
    const next = await untilTaken()
    next.release()
  })

  it('goes to one rebuild after the other', async () => {
    const first = await demandLease(database.pool)
    let isSecondThere = false
    const second = demandLease(database.pool).then((lease) => {
      isSecondThere = true
      return lease
    })
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(isSecondThere).to.equal(false)
    first.release()
    ;(await second).release()
  })

  it('is not waited for any longer than wanted', async () => {
    const lease = await takeLease(database.pool)
    const giveUp = new AbortController()
    const demanded = demandLease(database.pool, {
      onWait: () => giveUp.abort(),
      signal: giveUp.signal,
    })
    expect(await demanded.catch((error: Error) => error.name)).to.equal('AbortError')
    lease!.release()
    const next = await untilTaken()
    next.release()
  })
})
