import { expect } from 'chai'
import type { StoredEvent, PipelineEvent } from '../../../domain/events/event.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  Revision,
} from '../../../domain/ids.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { StorageFailed, type LocalStore } from '../../../frontend/replica/local-store.ts'
import { PipelineCopy } from '../../../frontend/replica/pipeline-copy.ts'
import { createMemoryStore } from '../../../frontend/storage/memory-store.ts'
import { PIPELINE } from '../../domain/pipeline/histories.ts'
import { Peer, stepId } from '../../domain/pipeline/peer.ts'
import { EVENTS_START_MS, namedUuid } from '../../support/events.ts'

const configure = (step: string, value: number): Command => ({
  type: 'ConfigureStep',
  stepId: stepId(step),
  key: 'timeout',
  value,
})

describe("a device's copy of a pipeline", () => {
  let ann: Peer
  let store: { -readonly [K in keyof LocalStore]: LocalStore[K] }
  let copy: PipelineCopy
  let failed: number
  /** Whether the device has no space left. */
  let isFull: boolean
  let received: number

  beforeEach(async () => {
    ;[failed, isFull, received] = [0, false, 0]
    const memory = createMemoryStore()
    store = {
      ...memory,
      write: (work) =>
        memory.write(async (tx) => {
          const result = await work(tx)
          if (isFull) throw new StorageFailed('There is no space left on this device.')
          return result
        }),
    }
    await store.write((tx) =>
      tx.putDevice({ replicaId: 'device000000' as ReplicaId, epoch: 0, clockOffset: 0 }),
    )
    copy = newCopy()
    ann = new Peer('ann').begin('a', 'b')
    await receive(ann.seen)
    await copy.roleGiven('editor')
  })

  function newCopy(maxOfflineQueue = 1_000): PipelineCopy {
    let minted = 0
    const nothing = () => undefined
    return new PipelineCopy(PIPELINE as PipelineId, {
      store,
      api: { snapshot: async () => null, events: async () => [] },
      actorId: namedUuid('me') as ActorId,
      now: () => EVENTS_START_MS + 5_000 + ++minted,
      newEventId: () => namedUuid('event of mine', ++minted) as EventId,
      newIntentId: () => namedUuid('intent of mine', ++minted) as IntentId,
      newReplicaId: () => 'fresh0000000' as ReplicaId,
      edited: nothing,
      renumbered: nothing,
      fellBehind: nothing,
      showPresence: nothing,
      closed: nothing,
      maxOfflineQueue,
      storageFailed: () => void (failed += 1),
    })
  }

  /** The server sends events, which get the revisions that follow. */
  function receive(events: readonly PipelineEvent[]) {
    const stored = events.map((event): StoredEvent<PipelineEvent> => {
      const revision = ++received as Revision
      return {
        revision,
        position: revision as never,
        recordedAt: '',
        prevHash: '',
        hash: '',
        event,
      }
    })
    return copy.receive(stored)
  }

  const timeoutOf = (step: string) =>
    viewOf(copy.state).steps.find(({ id }) => id === stepId(step))?.config['timeout']
  const queued = () => store.read(async (tx) => (await tx.queueSize()).events)

  describe('that is edited', () => {
    it('shows what it has stored', async () => {
      expect(await copy.execute([configure('a', 60)])).to.have.property('ok', true)
      expect(timeoutOf('a')).to.equal(60)
      expect(await queued()).to.equal(1)
      const again = newCopy()
      await again.load()
      expect(viewOf(again.state)).to.deep.equal(viewOf(copy.state))
      expect(again.pending).to.deep.equal(copy.pending)
    })

    it('shows nothing that it could not store, and says so', async () => {
      isFull = true
      const result = await copy.execute([configure('a', 60)])
      expect(!result.ok && result.rejection.message).to.equal(
        'There is no space left on this device.',
      )
      expect(failed).to.equal(1)
      expect([timeoutOf('a'), copy.pending.size, await queued()]).to.deep.equal([30, 0, 0])
      isFull = false
      expect(await copy.execute([configure('a', 61)])).to.have.property('ok', true)
      expect(timeoutOf('a')).to.equal(61)
    })

    it('refuses what makes no sense, and what does not fit into the queue', async () => {
      const unknown = await copy.execute([configure('never', 1)])
      expect(!unknown.ok && unknown.rejection.code).to.equal('not-there')
      expect(failed).to.equal(0)
      copy = newCopy(2)
      await copy.load()
      const three = await copy.execute([1, 2, 3].map((n) => configure('a', n)))
      expect(!three.ok && three.rejection.message).to.match(/^Too many edits wait/)
      expect(await queued()).to.equal(0)
    })

    it('refuses a viewer', async () => {
      await copy.roleGiven('viewer')
      const result = await copy.execute([configure('a', 1)])
      expect(!result.ok && result.rejection.code).to.equal('read-only')
      expect(copy.canUndo).to.equal(false)
    })

    it('refuses everybody while it holds what this program does not know', async () => {
      const unknown = { ...ann.setTimeout('a', 1), type: 'StepPainted' }
      await receive([unknown])
      expect(copy.status).to.equal('upgrade-required')
      const result = await copy.execute([configure('a', 1)])
      expect(!result.ok && result.rejection.code).to.equal('read-only')
    })

    it('is in order, however many edits are made at once', async () => {
      const edits = Array.from({ length: 20 }, (_, n) => copy.execute([configure('a', n)]))
      for (const result of await Promise.all(edits)) expect(result).to.have.property('ok', true)
      const rows = await store.read((tx) => tx.unconfirmed(PIPELINE))
      expect(rows.map(({ seq }) => seq)).to.deep.equal(rows.map((_, i) => i + 1))
      expect(timeoutOf('a')).to.equal(19)
    })
  })

  describe('whose edits are undone', () => {
    it('undoes as many as asked for, though they are asked for at once', async () => {
      for (const value of [40, 50, 60]) await copy.execute([configure('a', value)])
      const undone = await Promise.all([copy.undo(), copy.undo(), copy.undo(), copy.undo()])
      expect(undone.map(({ done }) => done)).to.deep.equal([true, true, true, false])
      expect(timeoutOf('a')).to.equal(30)
      const redone = await Promise.all([copy.redo(), copy.redo(), copy.redo()])
      expect(redone.map(({ done }) => done)).to.deep.equal([true, true, true])
      expect(timeoutOf('a')).to.equal(60)
    })

    it('leaves alone what somebody else writes in the same moment', async () => {
      await copy.execute([configure('a', 60)])
      const [mine] = await store.read((tx) => tx.unconfirmed(PIPELINE))
      ann.take([mine!.event])
      ann.now = EVENTS_START_MS + 9_000
      const theirs = ann.setTimeout('a', 90)
      const [, undone] = await Promise.all([receive([mine!.event, theirs]), copy.undo()])
      expect(undone.done).to.equal(false)
      expect(undone.leftAlone).to.have.length(1)
      expect(timeoutOf('a')).to.equal(90)
    })

    it('can be asked again where the device could not store the undo', async () => {
      await copy.execute([configure('a', 60)])
      isFull = true
      expect((await copy.undo()).done).to.equal(false)
      isFull = false
      expect(copy.canUndo).to.equal(true)
      expect((await copy.undo()).done).to.equal(true)
      expect(timeoutOf('a')).to.equal(30)
    })

    it('forgets what to redo with the next edit, and keeps the last hundred to undo', async () => {
      for (let n = 0; n < 105; n++) await copy.execute([configure('a', 1_000 + n)])
      await copy.undo()
      expect(copy.canRedo).to.equal(true)
      await copy.execute([configure('b', 1)])
      expect(copy.canRedo).to.equal(false)
      let undone = 0
      while ((await copy.undo()).done) undone += 1
      expect(undone).to.equal(100)
    })

    it('takes back no edit after the pipeline was archived', async () => {
      await copy.execute([configure('a', 60)])
      const [mine] = await store.read((tx) => tx.unconfirmed(PIPELINE))
      ann.take([mine!.event])
      ann.now = EVENTS_START_MS + 9_000
      await receive([mine!.event, ann.act('PipelineArchived', {})])
      expect((await copy.undo()).done).to.equal(false)
      expect(await queued()).to.equal(0)
    })
  })

  describe('that receives events', () => {
    it('asks to open again where something between is missing', async () => {
      received += 1
      expect(await receive([ann.setTimeout('a', 1)])).to.equal('gap')
      expect(copy.revision).to.equal(3)
    })

    it('takes the same events again for what they are', async () => {
      const event = ann.setTimeout('a', 1)
      await receive([event])
      received -= 1
      expect(await receive([event])).to.equal('applied')
      expect(copy.revision).to.equal(4)
    })

    it('moves its pending edits to a new replica, where a copy of it was faster', async () => {
      await copy.execute([configure('a', 60)])
      await copy.execute([configure('b', 70)])
      const twin = new Peer('twin').hear(ann)
      Object.assign(twin, { replicaId: 'device000000', actorId: namedUuid('me') })
      await receive([twin.setTimeout('a', 99)])
      const rows = await store.read((tx) => tx.unconfirmed(PIPELINE))
      expect(rows.map(({ replicaId, seq }) => [replicaId, seq])).to.deep.equal([
        ['fresh0000000', 1],
        ['fresh0000000', 2],
      ])
      expect(copy.pending.size).to.equal(2)
      const [conflict] = viewOf(copy.state).conflicts
      expect(conflict).to.deep.include({ kind: 'field', field: 'config.timeout' })
      expect(await copy.execute([configure('b', 71)])).to.have.property('ok', true)
      const all = await store.read((tx) => tx.ofReplica(PIPELINE, 'fresh0000000' as ReplicaId, 0))
      expect(all.map(({ seq }) => seq)).to.deep.equal([1, 2, 3])
    })

    it('keeps a snapshot of many events at the next opening, and folds only later ones from then on', async () => {
      const folded = ann.seen.length + 2_000
      await receive(Array.from({ length: 2_000 }, (_, n) => ann.setTimeout('a', n)))
      await copy.execute([configure('b', 70)])
      const kept = () => store.read((tx) => tx.snapshot(PIPELINE))
      expect(await kept()).to.equal(null)
      await newCopy().load()
      expect((await kept())?.revision).to.equal(folded)

      await receive([ann.setTimeout('b', 1)])
      const { read } = store
      let after = 0
      store.read = (work) =>
        read((tx) =>
          work({ ...tx, confirmed: (id, from) => ((after = from), tx.confirmed(id, from)) }),
        )
      const again = newCopy()
      await again.load()
      expect(after).to.equal(folded)
      expect(viewOf(again.state)).to.deep.equal(viewOf(copy.state))
      expect([...again.pending]).to.deep.equal([...copy.pending])
      const history = await again.history()
      expect(history).to.have.length(folded + 2)
    })

    it('keeps no snapshot of a history that was exchanged meanwhile', async () => {
      await receive(Array.from({ length: 2_000 }, (_, n) => ann.setTimeout('a', n)))
      const { read } = store
      store.read = async (work) => {
        const result = await read(work)
        await store.write((tx) => tx.erasePipeline(PIPELINE))
        return result
      }
      await newCopy().load()
      store.read = read
      expect(await store.read((tx) => tx.snapshot(PIPELINE))).to.equal(null)
    })

    it('reads no queue at an opening where all that is unconfirmed waits in it', async () => {
      await copy.execute([configure('a', 60)])
      await copy.execute([configure('b', 70)])
      const { read } = store
      let looked = 0
      store.read = (work) =>
        read((tx) => work({ ...tx, queue: (...of) => ((looked += 1), tx.queue(...of)) }))
      const again = newCopy()
      await again.load()
      expect([again.pending.size, looked]).to.deep.equal([2, 0])
      const [first] = await store.read((tx) => tx.unconfirmed(PIPELINE))
      await store.write((tx) => tx.dequeue([first!.id]))
      await again.load()
      expect(again.pending.has(first!.id)).to.equal(false)
      expect([again.pending.size, looked]).to.deep.equal([1, 1])
    })

    it('writes nothing where the server has all that it acknowledged', async () => {
      await copy.execute([configure('a', 60)])
      const [mine] = await store.read((tx) => tx.unconfirmed(PIPELINE))
      await store.write((tx) => tx.dequeue([mine!.id]))
      isFull = true
      await copy.sendWhatIsLost({ [ann.replicaId]: 3, ['device000000' as ReplicaId]: 1 })
      isFull = false
      await copy.sendWhatIsLost({ [ann.replicaId]: 3 })
      expect(await queued()).to.equal(1)
    })

    it('is not ready where it is let in again before it has let go of everything', async () => {
      const letting = copy.letGo('revoked')
      await copy.roleGiven('editor')
      await letting
      expect([copy.status, copy.revision]).to.deep.equal(['loading', 0])
    })

    it('keeps what waits for a verdict when access is taken away, and nothing else', async () => {
      await copy.execute([configure('a', 60)])
      await copy.letGo('revoked')
      expect(copy.status).to.equal('revoked')
      expect(await queued()).to.equal(1)
      const { pipelineId } = (await store.read((tx) => tx.queue(1)))[0]!
      expect(pipelineId).to.equal(PIPELINE)
      await store.write(async (tx) => tx.dequeue((await tx.queue(9)).map((one) => one.eventId)))
      await copy.letGo('revoked')
      expect(await store.read((tx) => tx.pipelines())).to.deep.equal([])
      expect(await store.read((tx) => tx.confirmed(PIPELINE, 0 as Revision))).to.deep.equal([])
    })
  })
})
