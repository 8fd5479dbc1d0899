import { expect } from 'chai'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { isPipelineEvent, type PipelineEvent } from '../../../domain/events/event.ts'
import {
  pipelineStream,
  type ActorId,
  type PipelineId,
  type StepId,
  type TeamId,
} from '../../../domain/ids.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import type { LocalStore } from '../../../frontend/replica/local-store.ts'
import type { PipelineCopy } from '../../../frontend/replica/pipeline-copy.ts'
import { createUploadLock } from '../../../frontend/replica/upload-lock.ts'
import { openDexieStore } from '../../../frontend/storage/dexie-store.ts'
import { createMemoryStore } from '../../../frontend/storage/memory-store.ts'
import { namedUuid } from '../../support/events.ts'
import { startTestServer, type TestServer } from '../../support/sync-server.ts'
import { createLocks, createTabHub, type Tab } from '../../support/tab-hub.ts'
import { screenOf, startDevice, until, type TestDevice } from '../../support/test-device.ts'

const TEAM = namedUuid('team') as TeamId
const ANN = namedUuid('ann') as ActorId
const BEN = namedUuid('ben') as ActorId
const a = namedUuid('step', 'a') as StepId

const addStep = (name: string): Command => ({
  type: 'AddStep',
  stepId: namedUuid('step', name) as StepId,
  kind: 'http',
  name,
  placement: { x: 0, y: 0 },
})
const configure = (key: string, value: number): Command => ({
  type: 'ConfigureStep',
  stepId: a,
  key,
  value,
})

describeTwoTabs('memory', () => {
  const store = createMemoryStore()
  return async () => store
})

describeTwoTabs('IndexedDB', () => {
  const indexedDB = new IDBFactory()
  return () => openDexieStore('ann', { indexedDB, IDBKeyRange })
})

/** @param device gives what opens one device's store, once for each tab */
function describeTwoTabs(name: string, device: () => () => Promise<LocalStore>): void {
  describe(`two tabs of one person over ${name}`, () => {
    let server: TestServer
    let tabs: { device: TestDevice; tab: Tab }[]
    let ben: TestDevice
    let id: PipelineId
    let left: PipelineCopy, right: PipelineCopy

    beforeEach(async () => {
      server = await startTestServer({ teamId: TEAM, now: Date.now })
      server.roles.set(ANN, 'owner').set(BEN, 'editor')
      const openStore = device()
      const [hub, locks] = [createTabHub(), createLocks()]
      tabs = []
      for (let n = 0; n < 2; n++) {
        const tab = hub.open()
        const lock = createUploadLock('queue', tab, Date.now, locks)
        const store = await openStore()
        tabs.push({
          tab,
          device: await startDevice(server, ANN, { store, tab: { channel: tab, lock } }),
        })
      }
      ben = await startDevice(server, BEN)
      id = await tabs[0]!.device.replica.create('Orders', TEAM)
      left = tabs[0]!.device.replica.open(id)
      await left.execute([addStep('a')])
      await tabs[0]!.device.synced()
      right = await tabs[1]!.device.open(id)
      await until(() => left.revision === 2 && right.revision === 2, 'both tabs to be current')
    })

    afterEach(async () => {
      for (const { device: one } of tabs) await one.stop()
      await ben.stop()
      server.stop()
    })

    const stored = async (): Promise<PipelineEvent[]> =>
      (await server.log.readStream(pipelineStream(id), { limit: 10_000 }))
        .map(({ event }) => event)
        .filter(isPipelineEvent)

    /** Everything is on the server, whole and in order, and everybody sees the same. */
    async function sameEverywhere(count: number) {
      const other = await ben.open(id)
      for (const { device: one } of tabs) await one.synced()
      await until(() => other.revision === count, 'the server to have everything')
      await until(() => screenOf(left) === screenOf(other), 'the left tab to show the same')
      await until(() => screenOf(right) === screenOf(other), 'the right tab to show the same')
      const events = await stored()
      expect(events.map(({ seq }) => seq)).to.deep.equal(events.map((_, i) => i + 1))
      expect(new Set(events.map(({ replicaId }) => replicaId)).size).to.equal(1)
      await until(() => left.pending.size + right.pending.size === 0, 'both tabs to know it')
      return viewOf(left.state)
    }

    it('number their edits without a gap, whoever is faster, and both show everything', async () => {
      const edits: Promise<unknown>[] = []
      for (let n = 0; n < 25; n++) {
        edits.push(left.execute([configure(`left${n}`, n)]))
        edits.push(right.execute([configure(`right${n}`, n), configure(`too${n}`, n)]))
      }
      for (const result of await Promise.all(edits)) expect(result).to.have.property('ok', true)
      const { steps, conflicts } = await sameEverywhere(2 + 75)
      expect(Object.keys(steps[0]!.config)).to.have.length(75)
      expect(conflicts).to.deep.equal([])
    })

    it('do so offline too, and show each other’s edits at once', async () => {
      for (const { device: one } of tabs) one.goOffline()
      await left.execute([configure('k', 1)])
      await until(() => screenOf(right) === screenOf(left), 'the right tab to show it')
      await right.execute([configure('k', 2)])
      await until(() => screenOf(right) === screenOf(left), 'the left tab to show it')
      expect(viewOf(left.state).steps[0]!.config).to.deep.equal({ k: 2 })
      expect(viewOf(left.state).conflicts).to.deep.equal([])
      expect([left.pending.size, right.pending.size]).to.deep.equal([2, 2])
      for (const { device: one } of tabs) one.goOnline()
      await sameEverywhere(4)
    })

    it('upload through one of them, and through the other once that is closed', async () => {
      await right.execute([configure('k', 1)])
      await sameEverywhere(3)
      await tabs[0]!.device.stop()
      tabs.shift()
      await right.execute([configure('k', 2)])
      await until(async () => (await stored()).length === 4, 'the other tab to upload')
      await until(() => right.pending.size === 0, 'the answer')
    })

    it('both go on after one of them had an edit refused and the queue renumbered', async () => {
      for (const { device: one } of tabs) one.goOffline()
      await left.execute([addStep('bad')])
      await right.execute([configure('k', 1)])
      const { store } = tabs[0]!.device
      await store.write(async (tx) => {
        const [entry] = await tx.queue(1)
        const [row] = await tx.events([entry!.eventId])
        await tx.putEvents([{ ...row!, event: { ...row!.event, extra: 1 } as PipelineEvent }])
      })
      for (const { device: one } of tabs) one.goOnline()
      const view = await sameEverywhere(3)
      expect(view.steps.map((step) => step.name)).to.deep.equal(['a'])
      for (const { device: one } of tabs) {
        expect(await one.replica.refusedEdits()).to.have.length(1)
        await until(() => one.replica.status.refusedGestures === 1, 'the verdict')
      }
      await right.execute([configure('k', 2)])
      await left.execute([configure('k', 3)])
      await sameEverywhere(5)
    })

    it('undo each their own gestures, not each other’s', async () => {
      await left.execute([configure('left', 1)])
      await right.execute([configure('right', 1)])
      await sameEverywhere(4)
      expect((await left.undo()).done).to.equal(true)
      const { steps } = await sameEverywhere(5)
      expect(steps[0]!.config).to.deep.equal({ right: 1 })
      expect((await left.undo()).done).to.equal(true)
      expect((await sameEverywhere(6)).steps).to.deep.equal([])
    })
  })
}
