import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import {
  isPipelineEvent,
  type PipelineEvent,
  type StoredEvent,
} from '../../../domain/events/event.ts'
import {
  pipelineStream,
  type ActorId,
  type PipelineId,
  type Revision,
  type StepId,
  type TeamId,
} from '../../../domain/ids.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import type { LocalStore } from '../../../frontend/replica/local-store.ts'
import { openDexieStore } from '../../../frontend/storage/dexie-store.ts'
import { createMemoryStore } from '../../../frontend/storage/memory-store.ts'
import { namedUuid } from '../../support/events.ts'
import { startTestServer, type TestServer } from '../../support/sync-server.ts'
import {
  screenOf,
  startDevice,
  until,
  type TestDevice,
  type TestDeviceOptions,
} from '../../support/test-device.ts'

const TEAM = namedUuid('team') as TeamId
const ANN = namedUuid('ann') as ActorId
const BEN = namedUuid('ben') as ActorId
const stepId = (name: string) => namedUuid('step', name) as StepId

const addStep = (name: string): Command => ({
  type: 'AddStep',
  stepId: stepId(name),
  kind: 'http',
  name,
  placement: { x: 0, y: 0 },
  config: { timeout: 30 },
})
const setTimeoutTo = (name: string, value: number): Command => ({
  type: 'ConfigureStep',
  stepId: stepId(name),
  key: 'timeout',
  value,
})

/** What keeps a device's copy, by name, so that a device that starts again finds its own. */
function storesInMemory() {
  const stores = new Map<string, LocalStore>()
  return async (name: string): Promise<LocalStore> => {
    const store = stores.get(name) ?? createMemoryStore()
    stores.set(name, store)
    return store
  }
}
function storesInBrowser() {
  const indexedDB = new IDBFactory()
  return (name: string) => openDexieStore(name, { indexedDB, IDBKeyRange })
}
const kinds = { memory: storesInMemory, IndexedDB: storesInBrowser }

for (const [kind, newStores] of Object.entries(kinds))
  describe(`two devices over ${kind} and a server`, () => {
    let server: TestServer
    let ann: TestDevice
    let ben: TestDevice
    let id: PipelineId
    const devices: TestDevice[] = []

    let newStore: (name: string) => Promise<LocalStore>
    const names = new Map<TestDevice, string>()

    /** A device of a person; the same name is the same browser profile, over a restart too. */
    async function device(
      actorId: ActorId,
      options: TestDeviceOptions = {},
      name = randomUUID() as string,
    ): Promise<TestDevice> {
      const store = await newStore(name)
      const started = await startDevice(server, actorId, { ...options, store })
      devices.push(started)
      names.set(started, name)
      return started
    }
    const startAgain = (stopped: TestDevice) => device(stopped.actorId, {}, names.get(stopped)!)

    beforeEach(async () => {
      newStore = newStores()
      server = await startTestServer({ teamId: TEAM, now: Date.now })
      server.roles.set(ANN, 'owner').set(BEN, 'editor')
      ann = await device(ANN)
      ben = await device(BEN)
      id = await ann.replica.create('Orders', TEAM)
      const copy = await ann.open(id)
      await copy.execute([addStep('a'), addStep('b')])
      await ann.synced()
    })

    afterEach(async () => {
      for (const started of devices.splice(0)) await started.stop()
      server.stop()
    })

    it('start from a snapshot of a long history, and store none of what is sent meanwhile', async () => {
      const copy = await ann.open(id)
      for (let n = 0; n < 21; n++) {
        const moves = Array.from({ length: 100 }, (_, i) => setTimeoutTo('a', n * 100 + i))
        await copy.execute(moves)
      }
      await ann.synced()
      let stored = 0
      const { write } = ben.store
      Object.assign(ben.store, {
        write: ((work) =>
          write((tx) =>
            work({ ...tx, putEvents: (rows) => ((stored += rows.length), tx.putEvents(rows)) }),
          )) satisfies LocalStore['write'],
      })
      const his = await ben.open(id)
      await until(() => his.revision === copy.revision, 'the second device to catch up')
      expect(screenOf(his)).to.equal(screenOf(copy))
      expect(stored).to.equal(0)

      await copy.execute([setTimeoutTo('b', 1)])
      await until(() => stored === 1, 'an edit after that')
      await until(() => screenOf(his) === screenOf(copy), 'both to see it')
    })

    it('give what waits of several pipelines for a download, and count it in the list', async () => {
      ann.goOffline()
      const other = await ann.replica.create('Returns', TEAM)
      const copies = [await ann.open(id), await ann.open(other)]
      await copies[0]!.execute([setTimeoutTo('a', 1), setTimeoutTo('b', 2)])
      await copies[1]!.execute([addStep('c')])
      await copies[0]!.execute([setTimeoutTo('a', 3)])

      const lines = (await ann.replica.pendingBackup()).trimEnd().split('\n')
      const events = lines.map((line) => JSON.parse(line) as PipelineEvent)
      const inBackup = (wanted: PipelineId) =>
        events.filter(({ pipelineId }) => pipelineId === wanted).map(({ type }) => type)
      expect(inBackup(id)).to.deep.equal(['StepConfigured', 'StepConfigured', 'StepConfigured'])
      expect(inBackup(other)).to.deep.equal(['PipelineCreated', 'StepAdded'])
      expect(events).to.have.length(5)
      const listed = await ann.replica.localPipelines()
      const counts = new Map(listed.map((each) => [each.id, each.pendingGestures]))
      expect([counts.get(id), counts.get(other)]).to.deep.equal([2, 2])
    })

    async function bothOpen() {
      const [left, right] = [await ann.open(id), await ben.open(id)]
      await until(
        () => left.revision === right.revision && left.revision >= 3,
        'both to be current',
      )
      return [left, right] as const
    }

    async function sameEverywhere() {
      const [left, right] = [ann.replica.open(id), ben.replica.open(id)]
      await ann.synced()
      await ben.synced()
      await until(() => screenOf(left) === screenOf(right), 'both screens to show the same')
      const stored = await server.log.readStream(pipelineStream(id), { limit: 1_000 })
      expect(stored.map((e) => e.revision)).to.deep.equal(stored.map((_, i) => i + 1))
      expect(left.pending.size + right.pending.size).to.equal(0)
      return viewOf(left.state)
    }

    const backUp = () => server.log.readStream(pipelineStream(id), { limit: 1_000 })

    /** A server that has this and nothing else takes the place of the other; every device stops. */
    async function restore(backup: readonly StoredEvent[]): Promise<void> {
      server.down()
      const log = createMemoryLog({ now: Date.now })
      const events = backup.map((stored) => stored.event)
      const request = { streamId: pipelineStream(id), expectedRevision: 0 as Revision, events }
      if (events.length > 0) await log.append(request)
      const { roles } = server
      server.stop()
      for (const one of devices) await one.stop()
      server = await startTestServer({ teamId: TEAM, now: Date.now, log })
      for (const [actor, role] of roles) server.roles.set(actor, role)
    }

    const pipelineEvents = async () =>
      (await server.log.readStream(pipelineStream(id), { limit: 1_000 }))
        .map((stored) => stored.event)
        .filter(isPipelineEvent)

    it("see each other's edits", async () => {
      const [left, right] = await bothOpen()
      await left.execute([{ type: 'RenameStep', stepId: stepId('a'), name: 'first' }])
      await right.execute([setTimeoutTo('b', 45)])
      const { steps } = await sameEverywhere()
      expect(steps.map((step) => step.name).sort()).to.deep.equal(['b', 'first'])
    })

    it('show both values where both changed the same field offline, and one choice settles it', async () => {
      const [left, right] = await bothOpen()
      ben.goOffline()
      await right.execute([setTimeoutTo('a', 45)])
      await left.execute([setTimeoutTo('a', 60)])
      await ann.synced()
      ben.goOnline()
      const { conflicts } = await sameEverywhere()
      expect(conflicts).to.have.length(1)
      const [conflict] = conflicts
      if (conflict?.kind !== 'field') throw new Error('a field conflict was expected')
      expect(conflict.values.map(({ value }) => value).sort()).to.deep.equal([45, 60])
      const thing = { kind: 'step', id: stepId('a') } as const
      const chosen = await left.execute([
        { type: 'ChooseValue', thing, field: 'config.timeout', value: 45 },
      ])
      expect(chosen.ok).to.equal(true)
      const after = await sameEverywhere()
      expect(after.conflicts).to.deep.equal([])
      expect(after.steps.find((step) => step.id === stepId('a'))?.config['timeout']).to.equal(45)
    })

    it('keep every edit when acknowledgements are lost', async () => {
      const [left] = await bothOpen()
      for (let n = 1; n <= 5; n++) {
        server.loseNextAnswer()
        await left.execute([setTimeoutTo('a', n)])
        await ann.synced()
      }
      const view = await sameEverywhere()
      expect(view.steps.find((step) => step.id === stepId('a'))?.config['timeout']).to.equal(5)
      const ids = (await pipelineEvents()).map((event) => event.id)
      expect(new Set(ids).size).to.equal(ids.length)
    })

    it('keep offline edits over a restart of the device, and upload them afterwards', async () => {
      const [left] = await bothOpen()
      ann.goOffline()
      for (let n = 0; n < 250; n++) await left.execute([setTimeoutTo('a', n)])
      await ann.stop()
      ann = await startAgain(ann)
      const again = await ann.open(id)
      await sameEverywhere()
      expect(viewOf(again.state).steps[0]).to.have.nested.property('config.timeout')
      expect((await pipelineEvents()).length).to.equal(3 + 250)
    })

    it('refuse one bad event with a verdict, refuse what depends on it, and go on with the rest', async () => {
      const [left] = await bothOpen()
      ann.goOffline()
      await left.execute([addStep('c')])
      await left.execute([
        {
          type: 'Connect',
          from: { stepId: stepId('b'), port: 'out0' },
          to: { stepId: stepId('c'), port: 'in0' },
        },
      ])
      await left.execute([{ type: 'RenameStep', stepId: stepId('a'), name: 'kept' }])
      await spoil(
        ann,
        (event) =>
          event.type === 'StepAdded' &&
          (event.payload as { stepId: string }).stepId === stepId('c'),
      )
      ann.goOnline()
      const { steps } = await sameEverywhere()
      expect(steps.map((step) => step.name).sort()).to.deep.equal(['b', 'kept'])
      const refused = await ann.replica.refusedEdits()
      expect(refused.map(({ event, code }) => [event.type, code])).to.have.deep.members([
        ['StepAdded', 'malformed'],
        ['StepsConnected', 'malformed'],
      ])
      const last = (await pipelineEvents()).at(-1)!
      expect([last.type, last.seq]).to.deep.equal(['StepRenamed', 4])
    })

    it('refuse everything with a verdict after the role was taken away, and keep the content', async () => {
      const [, right] = await bothOpen()
      ben.goOffline()
      for (let n = 0; n < 200; n++) await right.execute([setTimeoutTo('a', n)])
      server.setRole(BEN, 'viewer')
      ben.goOnline()
      await ben.synced()
      await sameEverywhere()
      const refused = await ben.replica.refusedEdits()
      expect(refused).to.have.length(200)
      expect(new Set(refused.map(({ code }) => code))).to.deep.equal(new Set(['forbidden']))
      expect(right.role).to.equal('viewer')
      expect((await right.execute([setTimeoutTo('a', 1)])).ok).to.equal(false)
    })

    it('give a copied device a new replica id, whichever copy comes first', async () => {
      await bothOpen()
      await ann.stop()
      await copyStore(await newStore(names.get(ann)!), await newStore('twin'))
      ann = await startAgain(ann)
      const twin = await device(ANN, {}, 'twin')
      const [left, right] = [await ann.open(id), await twin.open(id)]
      twin.goOffline()
      await right.execute([setTimeoutTo('b', 7)])
      await right.execute([setTimeoutTo('b', 8)])
      await left.execute([setTimeoutTo('a', 99)])
      await ann.synced()
      twin.goOnline()
      await twin.synced()
      const view = await sameEverywhere()
      await until(() => screenOf(right) === screenOf(left), 'the twin to catch up')
      expect(view.steps.map((step) => step.config['timeout']).sort()).to.deep.equal([8, 99])
      const events = await pipelineEvents()
      expect(
        new Set(events.filter((e) => e.actorId === ANN).map((e) => e.replicaId)).size,
      ).to.equal(2)
    })

    it('mend the stamps of a device whose clock is a day ahead', async () => {
      const day = 86_400_000
      const late = await device(BEN, { now: () => Date.now() + day })
      const copy = await late.open(id)
      await until(() => copy.revision >= 3, 'the copy to be current')
      await copy.execute([setTimeoutTo('a', 77)])
      await copy.execute([setTimeoutTo('a', 78)])
      await late.synced()
      const view = await sameEverywhere()
      expect(view.steps.find((step) => step.id === stepId('a'))?.config['timeout']).to.equal(78)
      const { ms, now } = {
        ms: Number((await pipelineEvents()).at(-1)!.hlc.slice(0, 13)),
        now: Date.now(),
      }
      expect(ms).to.be.lessThan(now + 60_000)
    })

    it('go on with a server that was restored from an old backup, and bring back what it lost', async () => {
      const [left] = await bothOpen()
      const backup = await backUp()
      await left.execute([setTimeoutTo('a', 61)])
      await ann.synced()
      await until(() => left.revision === 4, 'the edit to come back')
      await restore(backup)
      ann = await startAgain(ann)
      ben = await startAgain(ben)
      await ann.open(id)
      await ben.open(id)
      const view = await sameEverywhere()
      expect(view.steps.find((step) => step.id === stepId('a'))?.config['timeout']).to.equal(61)
      expect((await pipelineEvents()).length).to.equal(4)
    })

    it('bring back what one person did on two devices, once each', async () => {
      const [left] = await bothOpen()
      const backup = await backUp()
      let phone = await device(ANN)
      const copy = await phone.open(id)
      await left.execute([addStep('x')])
      await until(() => copy.revision === 4, 'the step on the phone')
      await copy.execute([setTimeoutTo('a', 1)])
      await until(() => left.revision === 5, 'the edit of the phone')
      await left.execute([setTimeoutTo('x', 2)])
      await until(() => copy.revision === 6, 'the last edit')
      await restore(backup)
      phone = await startAgain(phone)
      ann = await startAgain(ann)
      ben = await startAgain(ben)
      for (const one of [phone, ann, ben]) await one.open(id)
      await phone.synced()
      const view = await sameEverywhere()
      expect(view.steps.find((step) => step.id === stepId('x'))?.config['timeout']).to.equal(2)
      const events = await pipelineEvents()
      expect(new Set(events.map((event) => event.id)).size).to.equal(6)
      expect(events).to.have.length(6)
    })

    it('bring back a pipeline that the backup lacks as a whole, by the device that made it', async () => {
      const [, right] = await bothOpen()
      await right.execute([setTimeoutTo('a', 62)])
      await ben.synced()
      await sameEverywhere()
      await restore([])
      ben = await startAgain(ben)
      ann = await startAgain(ann)
      await ben.open(id)
      await ann.open(id)
      await until(
        async () => (await pipelineEvents()).length >= 3,
        'the pipeline to be there again',
      )
      ben.goOffline()
      ben.goOnline()
      const view = await sameEverywhere()
      expect(view.steps.find((step) => step.id === stepId('a'))?.config['timeout']).to.equal(62)
      expect(await ben.replica.refusedEdits()).to.deep.equal([])
    })

    it('let somebody in again who had left, from the beginning', async () => {
      const [left, right] = await bothOpen()
      server.setRole(BEN, null)
      await until(() => right.status === 'revoked', 'the revocation')
      server.setRole(BEN, 'editor')
      ben.goOffline()
      ben.goOnline()
      await until(() => right.status === 'ready', 'the pipeline to open again')
      await left.execute([setTimeoutTo('a', 63)])
      await sameEverywhere()
      expect((await right.execute([setTimeoutTo('a', 64)])).ok).to.equal(true)
    })

    it('tell the person who loses access, and show nothing more', async () => {
      const [, right] = await bothOpen()
      server.setRole(BEN, null)
      await until(() => right.status === 'revoked', 'the revocation')
      expect((await right.execute([setTimeoutTo('a', 1)])).ok).to.equal(false)
      expect(await ben.replica.localPipelines()).to.deep.equal([])
    })

    it('tell the person whose role changes what they may do now, at once', async () => {
      const [, right] = await bothOpen()
      server.setRole(BEN, 'viewer')
      await until(() => right.role === 'viewer', 'the new role')
      expect((await right.execute([setTimeoutTo('a', 1)])).ok).to.equal(false)
      server.setRole(BEN, 'editor')
      await until(() => right.role === 'editor', 'the role given back')
      expect((await right.execute([setTimeoutTo('a', 2)])).ok).to.equal(true)
    })

    it("undo and redo one's own edit, and leave alone what somebody else changed since", async () => {
      const [left, right] = await bothOpen()
      await left.execute([setTimeoutTo('a', 60)])
      await left.undo()
      expect(
        viewOf(left.state).steps.find((s) => s.id === stepId('a'))?.config['timeout'],
      ).to.equal(30)
      await left.redo()
      await sameEverywhere()
      await right.execute([setTimeoutTo('a', 90)])
      await sameEverywhere()
      const undone = await left.undo()
      expect(undone.done).to.equal(false)
      expect(undone.leftAlone).to.deep.equal([
        { thing: { kind: 'step', id: stepId('a') }, field: 'config.timeout' },
      ])
      const view = await sameEverywhere()
      expect(view.steps.find((s) => s.id === stepId('a'))?.config['timeout']).to.equal(90)
    })

    it('list every edit in the history, with what it was before', async () => {
      const [left, right] = await bothOpen()
      await left.execute([setTimeoutTo('a', 60)])
      await sameEverywhere()
      const history = await right.history()
      expect(history.map((entry) => entry.verb)).to.deep.equal([
        'created',
        'added',
        'added',
        'changed',
      ])
      expect(history.at(-1)!.changes).to.deep.equal([{ field: 'config.timeout', from: 30, to: 60 }])
    })
  })

/** Makes one pending event of a device one that the server will refuse as malformed. */
async function spoil(device: TestDevice, which: (event: PipelineEvent) => boolean): Promise<void> {
  await device.store.write(async (tx) => {
    const entries = await tx.queue(1_000)
    const rows = await tx.events(entries.map((entry) => entry.eventId))
    const row = rows.find(({ event }) => which(event))!
    await tx.putEvents([{ ...row, event: { ...row.event, unexpected: true } as PipelineEvent }])
  })
}

async function copyStore(from: TestDevice['store'], to: TestDevice['store']): Promise<void> {
  const content = await from.read(async (tx) => {
    const pipelines = await tx.pipelines()
    const events = await Promise.all(
      pipelines.map(async ({ id }) => [
        ...(await tx.confirmed(id, 0 as Revision)),
        ...(await tx.unconfirmed(id)),
      ]),
    )
    return {
      device: (await tx.device())!,
      pipelines,
      events: events.flat(),
      queue: await tx.queue(1_000),
    }
  })
  await to.write(async (tx) => {
    await tx.putDevice(content.device)
    for (const record of content.pipelines) await tx.putPipeline(record)
    await tx.putEvents(content.events)
    await tx.enqueue(content.queue)
  })
}
