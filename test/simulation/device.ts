/** A person's device: a disk, a clock that may be wrong, and one or two tabs of the real client. */
import { Subject } from 'rxjs'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { ActorId, PipelineId, ReplicaId } from '../../domain/ids.ts'
import { DeviceReplica } from '../../frontend/replica/device-replica.ts'
import type { PipelineCopy } from '../../frontend/replica/pipeline-copy.ts'
import { sleep } from '../../frontend/replica/sleep.ts'
import { createUploadLock } from '../../frontend/replica/upload-lock.ts'
import type { Cluster } from './cluster.ts'
import { Disk } from './disk.ts'
import { Life } from './life.ts'
import { connect } from './network.ts'
import { TabHub } from './tab-hub.ts'
import { delay, type World } from './world.ts'

const RESTART_MS = 10_000
const MAX_OFFLINE_QUEUE = 100_000
/** A batch of the client: small, so that queues take several. */
const BATCH_SIZE = 7
const RETRY_INTERVALS = [1_000, 2_000, 5_000, 10_000, 30_000]

export interface DeviceOptions {
  readonly world: World
  readonly cluster: Cluster
  readonly name: string
  readonly actorId: ActorId
  readonly pipelines: readonly PipelineId[]
  readonly disk?: Disk
  /** What this device's clock is off by, in ms. */
  readonly skewMs?: number
  /** Types of events that its program does not know, being older than they are. */
  readonly unknownTypes?: ReadonlySet<string>
}

/** The end of the name of an event type that a program does not know. */
const LATER = 'OfLater'

export class Device {
  readonly name: string
  readonly actorId: ActorId
  readonly disk: Disk
  readonly tabs: Tab[] = []
  skewMs: number
  slownessMs = 0
  unknownTypes: ReadonlySet<string>
  readonly #options: DeviceOptions
  readonly #hub: TabHub
  readonly online = new Subject<boolean>()
  isOnline = true

  constructor(options: DeviceOptions) {
    this.#options = options
    this.#hub = new TabHub(() => options.world.witness.happens('stolen lock'))
    this.name = options.name
    this.actorId = options.actorId
    this.disk = options.disk ?? new Disk(options.world)
    this.skewMs = options.skewMs ?? 0
    this.unknownTypes = options.unknownTypes ?? new Set()
  }

  openTab(): Tab {
    const tab = new Tab(this, this.#hub, this.#options)
    this.tabs.push(tab)
    tab.start()
    return tab
  }

  setOnline(isOnline: boolean): void {
    this.isOnline = isOnline
    this.online.next(isOnline)
  }

  /** The tab that a person of this device uses now: the one that was opened last and lives. */
  get front(): Tab | null {
    return this.tabs.findLast((tab) => tab.replica !== null && !tab.life.isFrozen) ?? null
  }

  /** Whether a pipeline is in the list that its person sees. */
  async lists(id: PipelineId): Promise<boolean> {
    return (await this.disk.content.read((tx) => tx.pipeline(id))) !== null
  }

  /** Ends all tabs, as the end of a browser does; they open again some time later. */
  kill(): void {
    for (const tab of this.tabs) tab.kill()
  }

  /** Awake, online and upgraded; what was killed is there again. */
  async heal(): Promise<void> {
    this.slownessMs = 0
    for (const tab of this.tabs) tab.life.thaw()
    if (this.unknownTypes.size > 0) await this.#upgrade()
    this.setOnline(true)
  }

  /** A newer program: it reads the same stored events, and now knows them. */
  async #upgrade(): Promise<void> {
    this.unknownTypes = new Set()
    for (const tab of this.tabs) tab.kill()
    for (const id of this.#options.pipelines) {
      const rows = await this.disk.events(id)
      await this.disk.content.write((tx) =>
        tx.putEvents(
          rows.map((row) => {
            const type = row.event.type.replace(new RegExp(`${LATER}$`), '')
            return { ...row, event: { ...row.event, type } }
          }),
        ),
      )
    }
  }

  /** An event as this device's program, if it is old, makes of it; its own it knows. */
  readonly read = (event: PipelineEvent): PipelineEvent => {
    const isUnknown = this.unknownTypes.has(event.type) && event.actorId !== this.actorId
    if (isUnknown) this.#options.world.witness.happens('unknown type')
    return isUnknown ? { ...event, type: event.type + LATER } : event
  }

  /** Whether nothing is under way between its tabs and its disk, so that they must agree. */
  get isIdle(): boolean {
    return this.disk.underWay === 0 && this.tabs.every(({ life }) => !life.isFrozen)
  }
}

export class Tab {
  life = new Life()
  replica: DeviceReplica | null = null
  readonly copies = new Map<PipelineId, PipelineCopy>()
  /** Pipelines whose copy has changed since they were last looked at. */
  readonly changed = new Set<PipelineId>()
  /** The revision up to which each pipeline was shown. */
  readonly shown = new Map<PipelineId, number>()
  readonly #device: Device
  readonly #hub: TabHub
  readonly #options: DeviceOptions

  constructor(device: Device, hub: TabHub, options: DeviceOptions) {
    this.#device = device
    this.#hub = hub
    this.#options = options
  }

  start(): void {
    this.life = new Life()
    // Without space there is nothing to start from: the person closes something, and reloads.
    this.#start(this.life).catch(() => this.kill())
  }

  async #start(life: Life): Promise<void> {
    const { world, cluster, actorId, name, pipelines } = this.#options
    const { time, random } = world
    const device = this.#device
    const channel = this.#hub.channelFor(life)
    const lock = createUploadLock('queue', channel, time.now, this.#hub.locksFor(life))
    life.onEnd(() => lock.release())
    const store = device.disk.openFor(life, () => this.kill())
    const mint = () => random.letters(12) as ReplicaId
    const replicaId = await store.write(async (tx) => {
      const known = await tx.device()
      if (known) return known.replicaId
      const fresh = { replicaId: mint(), epoch: 0, clockOffset: 0 }
      await tx.putDevice(fresh)
      return fresh.replicaId
    })
    const isOnline = () => device.isOnline
    const replica = new DeviceReplica(replicaId, {
      store,
      transport: {
        connect: (_, id) =>
          connect({
            ...{ world, cluster, life, isOnline, replicaId: id, read: device.read },
            person: { actorId, name },
            slownessMs: () => device.slownessMs,
          }),
      },
      api: cluster.apiFor(actorId, life, isOnline),
      channel,
      lock,
      actorId,
      token: () => 'token',
      now: () => time.now() + device.skewMs,
      newId: () => random.uuid(),
      newReplicaId: mint,
      online: device.online,
      isOnline,
      sleep,
      retryIntervals: RETRY_INTERVALS,
      batchSize: BATCH_SIZE,
      maxOfflineQueue: MAX_OFFLINE_QUEUE,
    })
    this.replica = replica
    replica.start()
    for (const id of pipelines) {
      const copy = replica.open(id)
      this.copies.set(id, copy)
      copy.subscribe(() => this.changed.add(id))
    }
  }

  /** Ends it, at whatever it is doing; it is opened again some time later. */
  kill(): void {
    if (!this.life.isAlive) return
    const { world } = this.#options
    world.witness.count('restarts')
    this.end()
    void delay(world, RESTART_MS).then(() => this.start())
  }

  end(): void {
    this.life.end()
    this.copies.clear()
    this.changed.clear()
    this.shown.clear()
    // Its timers are of no more use; all that it could still do ends at its dead ports.
    void this.replica?.stop()
    this.replica = null
  }
}
