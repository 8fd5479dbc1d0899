import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { pino } from 'pino'
import {
  createClosingOrder,
  type ClosingOrder,
} from '../../../backend/composition/closing-order.ts'
import { openDoors } from '../../../backend/composition/doors.ts'
import { takeAddress } from '../../../backend/composition/front-door.ts'
import { openIdentity, type Identity } from '../../../backend/composition/identity.ts'
import { openReadModels } from '../../../backend/composition/read-models.ts'
import { openStores } from '../../../backend/composition/stores.ts'
import { readConfig } from '../../../backend/config/config.ts'
import { testDatabase, type TestDatabase } from '../../support/postgres.ts'

describe('the doors of a server', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let dataDir: string
  let closing: ClosingOrder
  /** What was ended, in this order. */
  let ended: string[]

  beforeEach(async () => {
    database = await testDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'tributary-doors-'))
    ended = []
    const order = createClosingOrder({ totalMs: 10_000, eachMs: 10_000 }, (name, error) =>
      expect.fail(`${name}: ${error}`),
    )
    const add: ClosingOrder['add'] = (name, close) =>
      order.add(name, async () => {
        await close()
        ended.push(name)
      })
    closing = { ...order, add }
  })
  afterEach(async () => {
    await closing.closeAll()
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** @param change what the doors get in place of who somebody is */
  async function open(change = (identity: Identity) => identity): Promise<void> {
    const logger = pino({ level: 'silent' })
    const config = readConfig({ PORT: '0', DATABASE_URL: database.url, DATA_DIR: dataDir })
    const options = { signal: new AbortController().signal, onLost: () => undefined }
    const stores = await openStores(config, logger, closing, options)
    const identity = await openIdentity(config, stores, logger, closing)
    const projector = await openReadModels(config, stores, logger, closing)
    const front = await takeAddress(config.host, config.port)
    closing.add('front', () => front.close())
    await openDoors(
      { config, front, stores, identity: change(identity), projector, logger },
      closing,
    )
  }

  it('are closed after the shapes, so that no request waits for news that will not come', async () => {
    await open()
    await closing.closeAll()
    expect(ended.indexOf('shapes')).to.equal(ended.indexOf('doors') - 1)
  })

  it('leave no shapes behind when something fails after those were opened', async () => {
    const broken = (identity: Identity): Identity => ({
      ...identity,
      get names(): never {
        throw new Error('broken')
      },
    })
    const error = await open(broken).catch((reason: unknown) => reason)
    expect(error).to.include({ message: 'broken' })
    await closing.closeAll()
    expect(ended.slice(0, 4)).to.deep.equal(['shapes', 'doors', 'log tail', 'front'])
  })
})
