import { expect } from 'chai'
import { IDBCursor, IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import sinon from 'sinon'
import { StorageFailed } from '../../../frontend/replica/local-store.ts'
import { openDexieStore } from '../../../frontend/storage/dexie-store.ts'
import { localEvent, queueEntry } from '../../../frontend/replica/stored-pipeline.ts'
import { pipelineEvent } from '../../support/events.ts'
import { describeLocalStore } from '../../support/local-store-contract.ts'

describeLocalStore('IndexedDB', async () => {
  const indexedDB = new IDBFactory()
  const open = () => openDexieStore('person', { indexedDB, IDBKeyRange })
  const [store, tabs] = [await open(), [] as { close(): void }[]]
  return {
    store,
    async anotherTab() {
      const tab = await open()
      tabs.push(tab)
      return tab
    },
    async close() {
      for (const tab of [store, ...tabs]) tab.close()
    },
  }
})

describe('the store in IndexedDB', () => {
  const device = { replicaId: 'mine00000000' as never, epoch: 1, clockOffset: 0 }
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail('it worked'),
      (error: unknown) => error as Error,
    )

  it('is durable: what was written is there when it is opened again', async () => {
    const indexedDB = new IDBFactory()
    const first = await openDexieStore('person', { indexedDB, IDBKeyRange })
    expect(first.durable).to.equal(true)
    await first.write((tx) => tx.putDevice(device))
    first.close()
    const second = await openDexieStore('person', { indexedDB, IDBKeyRange })
    expect(await second.read((tx) => tx.device())).to.deep.equal(device)
    second.close()
  })

  it('is another one for another person on the same device', async () => {
    const indexedDB = new IDBFactory()
    const ann = await openDexieStore('ann', { indexedDB, IDBKeyRange })
    const ben = await openDexieStore('ben', { indexedDB, IDBKeyRange })
    await ann.write((tx) => tx.putDevice(device))
    expect(await ben.read((tx) => tx.device())).to.equal(null)
    for (const store of [ann, ben]) store.close()
  })

  it('puts many entries into the queue and takes them out without waiting for each in turn', async () => {
    const indexedDB = new IDBFactory()
    const store = await openDexieStore('person', { indexedDB, IDBKeyRange })
    const events = Array.from({ length: 300 }, (_, n) => pipelineEvent({ seq: n + 1 }))
    const steps = sinon.spy(IDBCursor.prototype, 'continue')
    try {
      await store.write(async (tx) => {
        await tx.putEvents(events.map(localEvent))
        await tx.enqueue(events.map((event) => queueEntry(event, 7)))
        await tx.dequeue(events.slice(100).map((event) => event.id))
      })
      expect(steps.callCount).to.equal(0)
    } finally {
      steps.restore()
    }
    expect(await store.read((tx) => tx.queue(Infinity))).to.have.length(100)
    store.close()
  })

  it('says that it failed, in a sentence, where the browser refuses it', async () => {
    const indexedDB = {
      open() {
        throw new DOMException('not in private windows', 'SecurityError')
      },
    } as unknown as IDBFactory
    const error = await failureOf(openDexieStore('person', { indexedDB, IDBKeyRange }))
    expect(error).to.be.instanceOf(StorageFailed)
    expect(error).to.have.property('code', 'storage-failed')
    expect(error.message).to.match(/^[A-Z].*\.$/)
  })

  it('says that it failed once it is closed, by itself or for a newer version of the page', async () => {
    const indexedDB = new IDBFactory()
    const store = await openDexieStore('person', { indexedDB, IDBKeyRange })
    const newer = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('tributary-person', 1_000)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    for (const work of [
      store.write((tx) => tx.putDevice(device)),
      store.read((tx) => tx.device()),
    ]) {
      expect(await failureOf(work)).to.be.instanceOf(StorageFailed)
    }
    newer.close()
  })
})
