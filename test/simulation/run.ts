/**
 * One run: one seed is one history of several devices and a server under faults, checked after
 * every step; then everything heals, and all must come to the same within bounded time.
 */
import { dominates, type VersionVector } from '../../domain/clock/version-vector.ts'
import { isPipelineEvent, type PipelineEvent } from '../../domain/events/event.ts'
import {
  pipelineStream,
  type ActorId,
  type EventId,
  type IntentId,
  type PipelineId,
  type Position,
  type Revision,
} from '../../domain/ids.ts'
import { initialState, vectorOf } from '../../domain/pipeline/state.ts'
import { evolveAll, isApplied } from '../../domain/pipeline/evolve.ts'
import { restoreSnapshot } from '../../domain/pipeline/snapshot.ts'
import { viewOf } from '../../domain/pipeline/view.ts'
import type { PipelineCopy } from '../../frontend/replica/pipeline-copy.ts'
import { EVENTS_START_MS, namedUuid } from '../support/events.ts'
import {
  eventsInLog,
  expectRight,
  expectRows,
  expectSame,
  expectSoundGraph,
  foldOf,
} from './checks.ts'
import { Cluster, type Engine } from './cluster.ts'
import { Device, type Tab } from './device.ts'
import { NO_FAULTS, someFaults } from './faults.ts'
import { firstEvents, TEAM } from './founding.ts'
import { hashOf } from './past.ts'
import { Randomness } from './randomness.ts'
import { DEVICES, FAULTY_MS, NODES, PEOPLE, scriptOf, type Action } from './script.ts'
import { VirtualTime } from './virtual-time.ts'
import { Witness, type Counts, type Happening } from './witness.ts'
import { ALL, type World } from './world.ts'

/** Everything must be the same everywhere so long after the last fault, in virtual time. */
const HEALED_WITHIN_MS = 300_000
/** Every so many steps the slow oracle is asked about a device, and the past is remembered. */
const ORACLE_EVERY = 40
/** Every so many steps each device is asked for everything that it said it keeps. */
const KEPT_EVERY = 25
/** Every so many steps the projected rows are held against the log. */
const ROWS_EVERY = 100
/** How long the world is watched once it is at rest. */
const REST_MS = 30_000
/** What a tab at rest may ask of its store meanwhile: it looks for work every five seconds. */
const MOST_AT_REST = 60

export interface RunOptions {
  readonly seed: number
  /** The script, where it is another than the seed's. */
  readonly script?: readonly Action[]
  /** Another than the one in memory. */
  readonly engine?: Engine
}

export interface RunResult {
  readonly counts: Counts
  readonly happened: ReadonlyMap<Happening, number>
  readonly failure: Error | null
}

export async function run({
  seed,
  script = scriptOf(seed),
  engine,
}: RunOptions): Promise<RunResult> {
  const time = VirtualTime.begin()
  const simulation = new Simulation(seed, script, time, engine)
  const thrown = (error: unknown) => simulation.world.witness.fail(error)
  process.on('unhandledRejection', thrown)
  try {
    await simulation.play()
  } catch (error) {
    thrown(error)
  } finally {
    simulation.stop()
    await time.settle()
    time.end()
    process.off('unhandledRejection', thrown)
  }
  const { counts, happened, failure } = simulation.world.witness
  return { counts, happened, failure }
}

class Simulation {
  readonly world: World
  readonly #script: readonly Action[]
  readonly #cluster: Cluster
  readonly #devices: Device[] = []
  readonly #pipelines: PipelineId[] = [0, 1].map((n) => namedUuid('pipeline', n) as PipelineId)
  readonly #people = Array.from({ length: PEOPLE }, (_, n) => namedUuid('person', n) as ActorId)
  /** People who were no members for a while: their devices let go of everything. */
  readonly #excluded = new Set<ActorId>()
  #step = 0

  constructor(seed: number, script: readonly Action[], time: VirtualTime, engine?: Engine) {
    const random = new Randomness(seed ^ 0x5eed)
    this.world = { time, random, witness: new Witness(), faults: someFaults(random) }
    this.#script = script
    const options = { world: this.world, teamId: TEAM, nodes: NODES }
    this.#cluster = new Cluster(engine ? { ...options, engine } : options)
    for (const person of this.#people) this.#cluster.roles.set(person, 'editor')
  }

  async play(): Promise<void> {
    await this.#begin()
    const { time, witness } = this.world
    for (const action of this.#script) {
      while (time.now() < EVENTS_START_MS + action.atMs) await this.#next()
      await this.#act(action)
    }
    while (time.now() < EVENTS_START_MS + FAULTY_MS) await this.#next()
    await this.#heal()
    await this.#expectEnd()
    await this.#expectRest()
    if (witness.failure) throw witness.failure
  }

  stop(): void {
    this.#cluster.stop()
    for (const device of this.#devices) for (const tab of device.tabs) tab.end()
  }

  /** Two pipelines with four steps each, and everybody's devices. */
  async #begin(): Promise<void> {
    for (const id of this.#pipelines) {
      const events = firstEvents(id, this.#people[0]!)
      const streamId = pipelineStream(id)
      const request = { streamId, expectedRevision: 0 as Revision, events }
      const result = await this.#cluster.log.append(request)
      if (result.ok) this.world.witness.appended(result.stored)
    }
    await this.#until(this.#cluster.start())
    const old = this.world.random.oneIn(4) ? this.world.random.between(0, DEVICES - 1) : -1
    for (let n = 0; n < DEVICES; n++) {
      this.#addDevice(n, n === old ? { unknownTypes: new Set(['StepRenamed']) } : {})
    }
  }

  #addDevice(n: number, more: Partial<ConstructorParameters<typeof Device>[0]> = {}): Device {
    const device = new Device({
      ...{ world: this.world, cluster: this.#cluster, pipelines: this.#pipelines },
      name: `device ${this.#devices.length}`,
      // The first two devices are one person's.
      actorId: this.#people[Math.max(0, n - 1) % PEOPLE]!,
      ...more,
    })
    this.#devices.push(device)
    device.openTab()
    return device
  }

  /** Lets time go on until something is done. */
  async #until(work: Promise<void>): Promise<void> {
    let isDone = false
    void work.then(() => (isDone = true))
    await this.world.time.settle()
    while (!isDone) await this.#next()
  }

  /** One timer fires; then everything that can be checked now is. */
  async #next(): Promise<void> {
    await this.world.time.step()
    this.#step += 1
    if (this.world.witness.failure) throw this.world.witness.failure
    for (const device of this.#devices) await this.#check(device)
    if (this.#step % ROWS_EVERY === 0) await this.#checkRows()
  }

  /** The rows are those of the log up to the checkpoint, wherever the projector is. */
  async #checkRows(): Promise<void> {
    const { log, projection } = this.#cluster
    const { position } = await projection.checkpoint()
    const projected = (await log.readAll(0 as Position, position)).map(({ event }) => event)
    for (const id of this.#pipelines) {
      const events = projected.filter(isPipelineEvent).filter((event) => event.pipelineId === id)
      if (events.length > 0) {
        await expectRows(projection, id, evolveAll(initialState(id), events))
      }
    }
  }

  /** A number beyond the devices that there are stands for one of them: a copy may come later. */
  #device(n: number): Device {
    return this.#devices[n % this.#devices.length]!
  }

  async #act(action: Action): Promise<void> {
    const { time, witness } = this.world
    witness.happens(action.do)
    switch (action.do) {
      case 'edit':
      case 'undo':
      case 'redo': {
        const device = this.#device(action.device)
        const copy = device.front?.copies.get(this.#pipelines[action.pipeline]!)
        if (!copy || copy.status !== 'ready') return
        const work =
          action.do === 'edit'
            ? copy.execute(action.commands).then((result) => {
                if (result.ok) expectShown(device, copy, result.intentId)
              })
            : copy[action.do]()
        void work.catch((error: unknown) => witness.fail(error))
        return
      }
      case 'create': {
        const tab = this.#device(action.device).front
        const created = tab?.replica?.create('Another', TEAM)
        // On a device without space it is not made, and says so.
        void created?.then(
          (id) => this.#pipelines.push(id),
          () => undefined,
        )
        return
      }
      case 'offline': {
        const device = this.#device(action.device)
        device.setOnline(false)
        void time.sleep(action.forMs).then(() => device.setOnline(true))
        return
      }
      case 'kill':
        return this.#device(action.device).kill()
      case 'clone': {
        const original = this.#device(action.device)
        const disk = await original.disk.copy()
        witness.copied(original.disk, disk)
        const { actorId, unknownTypes } = original
        this.#addDevice(0, { disk, actorId, unknownTypes })
        return
      }
      case 'open-tab': {
        const device = this.#device(action.device)
        if (device.tabs.length < 2) device.openTab()
        return
      }
      case 'freeze': {
        const { life } = this.#device(action.device).tabs[0]!
        life.freeze()
        void time.sleep(action.forMs).then(() => life.thaw())
        return
      }
      case 'jump':
        this.#device(action.device).skewMs += action.byMs
        return
      case 'slow': {
        const device = this.#device(action.device)
        device.slownessMs = 15_000
        void time.sleep(action.forMs).then(() => (device.slownessMs = 0))
        return
      }
      case 'role': {
        const person = this.#people[action.person]!
        this.#cluster.setRole(person, action.role === 'none' ? null : action.role)
        if (action.role === 'none') this.#excluded.add(person)
        void time.sleep(action.forMs).then(() => this.#cluster.setRole(person, 'editor'))
        return
      }
      case 'kill-server':
        return this.#cluster.killNode(action.node)
      case 'backup':
        return this.#cluster.backUp()
      case 'restore':
        return this.#cluster.restore()
    }
  }

  /** What holds at every moment in which a device is not in the middle of something. */
  async #check(device: Device): Promise<void> {
    if (!device.isIdle) return
    if (this.#step % KEPT_EVERY === 0) await this.#expectKept(device)
    for (const tab of device.tabs) {
      for (const id of tab.changed) {
        tab.changed.delete(id)
        const copy = tab.copies.get(id)
        if (!copy || copy.status !== 'ready') continue
        expectSoundGraph(viewOf(copy.state))
        this.#expectOnwards(device, tab, id, copy.revision)
        const kept = await device.disk.content.read((tx) => tx.snapshot(id))
        const from = kept ? restoreSnapshot(kept.snapshot) : initialState(id)
        if (!from) throw new Error(`${device.name} cannot read the snapshot that it keeps`)
        const rows = (await device.disk.events(id)).filter(
          ({ revision }) => revision === 0 || revision > (kept?.revision ?? 0),
        )
        const events = rows.map((row) => row.event)
        const folded = foldOf(from, events)
        if (!folded) {
          // Between a refusal by a restored server and taking up its history; or in a tab that has
          // not heard yet that another one has let go of the pipeline: its edit gets a verdict.
          if (this.world.witness.wasRestored || this.#excluded.has(device.actorId)) continue
          throw new Error(`${device.name} has events whose causes are nowhere`)
        }
        // Another tab may have stored something that this one has not heard of yet.
        if (!isSameVector(vectorOf(folded), vectorOf(copy.state))) continue
        this.world.witness.count('comparisons')
        if (this.#step % ORACLE_EVERY === 0 && !kept) expectRight(copy.state, events)
        // A state of the log's history alone, by somebody who knows all of its events: where that
        // has been shown before, it is not held against what is stored as well.
        // Not where some are gone: a restored server may have lost them, and refused them since.
        const isWhole =
          rows.length === copy.revision - (kept?.revision ?? 0) &&
          rows.every(({ revision }) => 0 < revision && revision <= copy.revision)
        const isHistory = isWhole && copy.hash !== null && device.unknownTypes.size === 0
        const { past } = this.world.witness
        if (isHistory && past.remember(device.name, copy.hash!, hashOf(copy.state))) continue
        expectSame(copy.state, folded, `${device.name} does not show what it stores`)
      }
    }
  }

  /** What a tab has shown of a history it never takes back, unless the server was put back. */
  #expectOnwards(device: Device, tab: Tab, id: PipelineId, revision: number): void {
    const before = tab.shown.get(id) ?? 0
    tab.shown.set(id, revision)
    const mayGoBack = this.world.witness.wasRestored || this.#excluded.has(device.actorId)
    if (revision < before && !mayGoBack) {
      throw new Error(`${device.name} went back from revision ${before} to ${revision}`)
    }
  }

  /** What a person was told is kept is on their device, or has its verdict. */
  async #expectKept(device: Device): Promise<void> {
    const { witness } = this.world
    const ids = [...(witness.kept.get(device.disk) ?? [])].filter((id) => !witness.stored.has(id))
    const here = await device.disk.content.read(async (tx) => [
      ...(await tx.events(ids)).map((row) => row.id),
      ...(await tx.refused()).map(({ event }) => event.id),
    ])
    const gone = ids.filter((id) => !here.includes(id) && !witness.lost.has(id))
    if (gone.length > 0) throw new Error(`${device.name} has lost ${gone.length} edits`)
  }

  async #heal(): Promise<void> {
    const { world } = this
    world.faults = NO_FAULTS
    for (const person of this.#people) this.#cluster.setRole(person, 'editor')
    await this.#until(this.#cluster.heal())
    for (const device of this.#devices) await device.heal()
    await this.#findPipelines()
    const until = world.time.now() + HEALED_WITHIN_MS
    for (;;) {
      const missing = await this.#whatIsMissing()
      if (missing === null) return
      if (world.time.now() > until) throw new Error(`It does not heal: ${missing}`)
      // Not in a fixed rhythm, which could be that of something it waits for.
      for (let n = world.random.between(1, 60); n > 0; n--) await this.#next()
    }
  }

  /** Those that were made in a tab that died before it could tell: they are in the list. */
  async #findPipelines(): Promise<void> {
    for (const device of this.#devices) {
      for (const { id } of await device.disk.content.read((tx) => tx.pipelines())) {
        if (!this.#pipelines.includes(id)) this.#pipelines.push(id)
      }
    }
  }

  /** What keeps the world from being at rest, in words; null where it is. */
  async #whatIsMissing(): Promise<string | null> {
    for (const device of this.#devices) {
      const size = await device.disk.content.read((tx) => tx.queueSize())
      if (size.events > 0) return `${device.name} still has ${size.events} events to send`
      for (const tab of device.tabs) {
        if (!tab.replica) return `a tab of ${device.name} has not started again`
        for (const id of this.#pipelines) {
          const copy = tab.copies.get(id)
          const head = await this.#cluster.log.streamHead(pipelineStream(id))
          if (!copy || copy.status === 'not-found' || copy.status === 'revoked') {
            // A pipeline that the server has lost comes back once its founder opens it.
            if (head.revision === 0 && (copy || !(await device.lists(id)))) continue
            // As a person would who opens the pipeline again.
            if (copy) copy.close()
            tab.copies.set(id, tab.replica.open(id))
            return `${device.name} has to open a pipeline again`
          }
          if (copy.revision !== head.revision || copy.hash !== head.hash) {
            return `${device.name} is at ${copy.revision} of ${head.revision}, ${copy.status}`
          }
          if (!device.isIdle) return `${device.name} is busy`
        }
      }
    }
    const { position } = await this.#cluster.projection.checkpoint()
    return position === (await this.#cluster.log.head()) ? null : 'the projector is behind'
  }

  async #expectEnd(): Promise<void> {
    const { witness } = this.world
    const { counts } = witness
    for (const id of this.#pipelines) {
      const stored = await this.#cluster.log.readStream(pipelineStream(id), { limit: ALL })
      if (stored.length === 0) continue
      const events = await eventsInLog(this.#cluster.log, id)
      const state = evolveAll(initialState(id), events)
      expectRight(state, events)
      expectSoundGraph(viewOf(state))
      await expectRows(this.#cluster.projection, id, state)
      for (const device of this.#devices) {
        for (const tab of device.tabs) {
          const { state: shown } = tab.copies.get(id)!
          expectSame(shown, state, `${device.name} does not show what the server has`)
        }
      }
      counts.pasts += witness.past.expectSame(id, stored)
      const { conflicts } = viewOf(state)
      counts.events += events.length
      counts.suspensions += conflicts.filter((c) => c.kind === 'suspended-connection').length
      counts.conflicts += conflicts.filter((c) => c.kind !== 'suspended-connection').length
      counts.lateBranches += lateBranches(events)
    }
    await this.#expectVerdicts()
    await this.#countForks()
  }

  /** Whoever has nothing to do does nothing: neither the devices nor the projector go round in circles. */
  async #expectRest(): Promise<void> {
    const { time } = this.world
    const before = this.#devices.map(({ disk }) => disk.transactions)
    const until = time.now() + REST_MS
    while (time.now() < until) await this.#next()
    for (const [n, { name, disk, tabs }] of this.#devices.entries()) {
      const asked = disk.transactions - before[n]!
      if (asked <= MOST_AT_REST * tabs.length) continue
      throw new Error(`${name} is at rest, and asked its store ${asked} times`)
    }
  }

  async #countForks(): Promise<void> {
    for (const device of this.#devices) {
      const records = await device.disk.content.read((tx) => tx.pipelines())
      for (const { replicaId } of records) if (replicaId) this.world.witness.count('forks')
    }
  }

  /** Every edit that was kept has one verdict: it is in the log, or it is refused with a reason. */
  async #expectVerdicts(): Promise<void> {
    const { witness } = this.world
    const refusedBy = new Map<Device, ReadonlySet<EventId>>()
    for (const device of this.#devices) {
      const refused = await device.disk.content.read((tx) => tx.refused())
      refusedBy.set(device, new Set(refused.map(({ event }) => event.id)))
    }
    const allRefused = new Set([...refusedBy.values()].flatMap((ids) => [...ids]))
    for (const [device, refusedIds] of refusedBy) {
      witness.counts.verdicts += refusedIds.size
      for (const id of witness.kept.get(device.disk) ?? []) {
        if (witness.lost.has(id) && this.#excluded.has(device.actorId)) continue
        const verdicts = [witness.stored.has(id), refusedIds.has(id)].filter(Boolean).length
        // The copy of a device sends the same events again, and may be the one that is told.
        const isToldElsewhere = witness.wasRestored && allRefused.has(id)
        if (verdicts === 1 || witness.isShared(id) || isToldElsewhere) continue
        throw new Error(`${id} of ${device.name} has ${verdicts} verdicts`)
      }
    }
    for (const id of witness.acknowledged) {
      // A backup may have been put back, and the role taken away before the device sent it again.
      if (witness.lost.has(id) && (allRefused.has(id) || this.#excluded.size > 0)) continue
      if (!witness.stored.has(id)) throw new Error(`${id} was acknowledged, and is gone`)
    }
  }
}

/** A person sees what they did, from the moment they are told that it is kept. */
function expectShown({ name, disk }: Device, copy: PipelineCopy, intentId: IntentId): void {
  const made = disk.gestures.get(intentId) ?? []
  if (made.length > 0 && made.every((event) => isApplied(copy.state, event))) return
  throw new Error(`${name} does not show the edit that it has just kept`)
}

const isSameVector = (one: VersionVector, other: VersionVector) =>
  dominates(one, other) && dominates(other, one)

/** Events that were made without having seen the event stored before them. */
function lateBranches(events: readonly PipelineEvent[]): number {
  return events.filter((event, at) => {
    const before = events[at - 1]
    return before && (event.clock[before.replicaId] ?? 0) < before.seq
  }).length
}
