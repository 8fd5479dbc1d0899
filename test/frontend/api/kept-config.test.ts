import { expect } from 'chai'
import sinon from 'sinon'
import { readSyncConfig } from '../../../frontend/api/kept-config.ts'
import { FakeApi, MemoryStorage } from '../../support/test-app.ts'

const SERVER = { syncBatchSize: 50, maxOfflineQueue: 500, retryIntervals: [1000] }

describe('the server’s settings', () => {
  it('are asked for on the first visit, and kept', async () => {
    const [api, storage] = [new FakeApi(), new MemoryStorage()]
    expect(await readSyncConfig(api, storage)).to.deep.equal(SERVER)
    api.isAway = true
    expect(await readSyncConfig(api, storage)).to.deep.equal(SERVER)
  })

  it('have defaults on a device that never reached its server', async () => {
    const api = new FakeApi()
    api.isAway = true
    expect(await readSyncConfig(api, new MemoryStorage())).to.deep.include({ syncBatchSize: 100 })
  })

  it('do not hold up the opening while the server is silent', async () => {
    const clock = sinon.useFakeTimers()
    try {
      const silent = { config: () => new Promise<never>(() => undefined) }
      const reading = readSyncConfig(silent, new MemoryStorage())
      await clock.tickAsync(1500)
      expect((await reading).maxOfflineQueue).to.equal(100_000)
    } finally {
      clock.restore()
    }
  })

  it('are asked for anew where what was kept is damaged', async () => {
    const storage = new MemoryStorage()
    storage.setItem('tributary.config', '{"syncBatchSize": -1}')
    expect(await readSyncConfig(new FakeApi(), storage)).to.deep.equal(SERVER)
  })
})
