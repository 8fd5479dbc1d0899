/**
 * One signed-in person's copy on this device: open pipelines, the queue, the connection, the tabs.
 *
 *     execute --> store --> other tabs, uploader --> push --> acknowledged
 *     server  --> events --> store --> open pipelines
 */
import { BehaviorSubject, Subject, Subscription, type Observable } from 'rxjs'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { ImportedPipeline } from '../../domain/formats/imported-pipeline.ts'
import { changesOf } from '../../domain/formats/import-changes.ts'
import type {
  ActorId,
  CommentId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  TeamId,
} from '../../domain/ids.ts'
import type { Command } from '../../domain/pipeline/commands.ts'
import type { EventsMessage, PresenceMessage } from '../../domain/protocol/messages.ts'
import { connectionStates, statusOf, type ConnectionState } from './connection.ts'
import { StorageFailed, type LocalStore } from './local-store.ts'
import { OnceMore } from './once-more.ts'
import { openOnLink } from './open-on-link.ts'
import { PipelineCopy } from './pipeline-copy.ts'
import type { LocalPipeline, RefusedEdit, Replica, SyncStatus } from './replica.ts'
import { pendingEvents } from './stored-pipeline.ts'
import { Disconnected, type Link, type PipelineApi, type Transport } from './transport.ts'
import type { TabChannel, TabMessage, UploadLock } from './upload-lock.ts'
import { Uploader } from './uploader.ts'

export interface ReplicaPorts {
  readonly store: LocalStore
  readonly transport: Transport
  readonly api: PipelineApi
  readonly channel: TabChannel
  readonly lock: UploadLock
  readonly actorId: ActorId
  /** The session's token; null once the person has signed out. */
  readonly token: () => string | null
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newId: () => string
  readonly newReplicaId: () => ReplicaId
  readonly online: Observable<boolean>
  readonly isOnline: () => boolean
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly retryIntervals: readonly number[]
  readonly batchSize: number
  readonly maxOfflineQueue: number
}

interface OpenCopy {
  readonly copy: PipelineCopy
  /** How many parts of the page show it. */
  users: number
  /** The connection that it is open on, or being opened. */
  link: Link | null
  /** Whether it shows what is stored: before that nobody knows what to ask the server for. */
  isLoaded: boolean
  /** Made here and not opened yet, and kept for whoever opens it. */
  isHeld: boolean
  /** Whether it was opened again because what came did not fit, and nothing has fitted since. */
  isAskedAgain: boolean
}

export class DeviceReplica implements Replica {
  readonly #ports: ReplicaPorts
  readonly #replicaId: ReplicaId
  readonly #copies = new Map<PipelineId, OpenCopy>()
  readonly #connection = new BehaviorSubject<ConnectionState>({ kind: 'connecting' })
  readonly #retry = new Subject<void>()
  readonly #status: BehaviorSubject<SyncStatus>
  readonly #subscriptions = new Subscription()
  readonly #uploader: Uploader
  /** Wakes the upload loop of this tab, where it holds the lock. */
  readonly #work = new Subject<void>()
  readonly #queueCount = new OnceMore(() => this.#count())
  #stopped = false

  /** @param replicaId of the device, as stored in its database */
  constructor(replicaId: ReplicaId, ports: ReplicaPorts) {
    this.#replicaId = replicaId
    this.#ports = ports
    this.#status = new BehaviorSubject<SyncStatus>({
      connection: 'connecting',
      pendingGestures: 0,
      pendingEvents: 0,
      sending: false,
      refusedGestures: 0,
      nextRetryAt: null,
      lastSyncedAt: null,
      storage: ports.store.durable ? 'durable' : 'memory',
    })
    this.#uploader = new Uploader({
      store: ports.store,
      now: ports.now,
      newReplicaId: ports.newReplicaId,
      batchSize: ports.batchSize,
      acknowledged: (id, events) => this.#acknowledged(id, events),
      refused: (id) => this.#refused(id),
      renumbered: (id) => this.#renumbered(id),
      sending: (sending) => this.#patch({ sending }),
    })
  }

  /** Connects, listens to the other tabs, and waits for its turn to upload. */
  start(): void {
    const { transport, retryIntervals, online, isOnline, now, token, channel, lock } = this.#ports
    const connect = () => {
      const current = token()
      return transport.connect(current ?? '', this.#replicaId)
    }
    const states = connectionStates({
      connect,
      intervals: retryIntervals,
      online,
      isOnline,
      now,
      retry: this.#retry,
    })
    this.#subscriptions.add(states.subscribe((state) => this.#connection.next(state)))
    this.#subscriptions.add(this.#connection.subscribe((state) => this.#connectionChanged(state)))
    this.#subscriptions.add(channel.listen((message) => this.#fromOtherTab(message)))
    lock.hold((signal) => this.#uploadWhile(signal))
    void this.#countQueue()
  }

  get status(): SyncStatus {
    return this.#status.value
  }

  onStatus(listener: (status: SyncStatus) => void): () => void {
    const subscription = this.#status.subscribe(listener)
    return () => subscription.unsubscribe()
  }

  open(id: PipelineId): PipelineCopy {
    const known = this.#copies.get(id)
    if (known) {
      // Whoever opens first what was made here takes it over.
      if (known.isHeld) known.isHeld = false
      else known.users += 1
      return known.copy
    }
    const copy = this.#newCopy(id)
    const entry = this.#enter(copy, { isHeld: false })
    this.#background(this.#loadAndOpen(entry))
    return copy
  }

  async #loadAndOpen(entry: OpenCopy): Promise<void> {
    const { copy } = entry
    await copy.load()
    entry.isLoaded = true
    if (copy.status === 'loading' && !this.#link()) copy.setStatus('not-on-device')
    this.#openOnServer(copy)
  }

  #newCopy(id: PipelineId): PipelineCopy {
    const { store, api, actorId, now, newId, newReplicaId, maxOfflineQueue } = this.#ports
    return new PipelineCopy(id, {
      store,
      api,
      actorId,
      now,
      newEventId: () => newId() as EventId,
      newIntentId: () => newId() as IntentId,
      newReplicaId,
      maxOfflineQueue,
      edited: (pipelineId) => {
        this.#stored()
        this.#announce({ type: 'edited', pipelineId })
      },
      renumbered: (pipelineId) => this.#renumbered(pipelineId),
      fellBehind: (pipelineId) => {
        const fallen = this.#copies.get(pipelineId)?.copy
        // Once it shows where it stands.
        if (fallen) queueMicrotask(() => this.#openAgain(fallen))
      },
      showPresence: (message: PresenceMessage) => this.#link()?.showPresence(message),
      closed: (pipelineId) => this.#close(pipelineId),
      storageFailed: () => this.#patch({ storage: 'failed' }),
    })
  }

  /** Keeps a copy among those that are open; what is made here has nothing to load. */
  #enter(copy: PipelineCopy, { isHeld }: { isHeld: boolean }): OpenCopy {
    const entry = { copy, users: 1, link: null, isLoaded: isHeld, isHeld, isAskedAgain: false }
    this.#copies.set(copy.id, entry)
    return entry
  }

  #close(id: PipelineId): void {
    const known = this.#copies.get(id)
    if (!known || --known.users > 0) return
    this.#copies.delete(id)
    this.#link()
      ?.close(id)
      .catch(() => undefined)
  }

  create(name: string, teamId: TeamId): Promise<PipelineId> {
    return this.#make([{ type: 'CreatePipeline', name, teamId }])
  }

  createFrom(imported: ImportedPipeline, teamId: TeamId, name?: string): Promise<PipelineId> {
    const changes = changesOf(imported, { teamId, ...(name !== undefined && { name }) })
    return this.#make([{ type: 'Apply', changes }])
  }

  /** Makes a pipeline and keeps it open, so that its first gesture can be undone in the editor. */
  async #make(commands: readonly Command[]): Promise<PipelineId> {
    const id = this.#ports.newId() as PipelineId
    const copy = this.#newCopy(id)
    // The server is asked for it once it has the first push: until then it knows of nothing.
    this.#enter(copy, { isHeld: true })
    copy.madeHere = true
    const result = await copy.execute(commands)
    if (!result.ok) {
      copy.close()
      throw new Error(result.rejection.message)
    }
    // Another tab may upload it, and be gone before it says so.
    void this.#openLater(copy, (later) => later.link === null)
    return id
  }

  localPipelines(): Promise<readonly LocalPipeline[]> {
    return this.#ports.store.read(async (tx) => {
      const waiting = await tx.gesturesByPipeline()
      const records = await tx.pipelines()
      return records.map(({ id, name, teamId, onServer }) => {
        return { id, name, teamId, pendingGestures: waiting.get(id) ?? 0, unsent: !onServer }
      })
    })
  }

  refusedEdits(): Promise<readonly RefusedEdit[]> {
    return this.#ports.store.read((tx) => tx.refused())
  }

  async dismissRefused(eventIds: readonly string[]): Promise<void> {
    await this.#ports.store.write((tx) => tx.deleteRefused(eventIds))
    this.#announce({ type: 'refused' })
  }

  async pendingBackup(): Promise<string> {
    const lists = await this.#ports.store.read(async (tx) => {
      const waiting: (readonly PipelineEvent[])[] = []
      for (const id of (await tx.gesturesByPipeline()).keys()) {
        waiting.push(await pendingEvents(tx, id, Infinity))
      }
      return waiting
    })
    const lines = lists.flat().map((event) => `${JSON.stringify(event)}\n`)
    return lines.join('')
  }

  retryNow(): void {
    this.#retry.next()
    this.#work.next()
  }

  newStepId(): string {
    return this.#ports.newId()
  }

  newCommentId(): CommentId {
    return this.#ports.newId() as CommentId
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#subscriptions.unsubscribe()
    this.#ports.lock.release()
    this.#ports.channel.close()
    await this.#queueCount.settled()
    this.#ports.store.close()
  }

  #link(): Link | null {
    const state = this.#connection.value
    return state.kind === 'connected' ? state.link : null
  }

  #connectionChanged(state: ConnectionState): void {
    this.#patch(statusOf(state))
    if (state.kind !== 'connected') {
      for (const { copy } of this.#copies.values()) {
        copy.membersChanged([])
        if (copy.status === 'loading' && state.kind !== 'connecting')
          copy.setStatus('not-on-device')
      }
      return
    }
    const { link } = state
    link.events.subscribe(({ pipelineId, events }) => {
      const copy = this.#copies.get(pipelineId)?.copy
      if (copy) this.#background(this.#trying(copy, link, () => this.#receive(copy, events)))
    })
    link.presence.subscribe(({ pipelineId, members }) =>
      this.#copies.get(pipelineId)?.copy.membersChanged(members),
    )
    link.revoked.subscribe(({ pipelineId }) => {
      const copy = this.#copies.get(pipelineId)?.copy
      if (copy) this.#background(this.#trying(copy, link, () => copy.letGo('revoked')))
    })
    link.role.subscribe(({ pipelineId, role }) => {
      const copy = this.#copies.get(pipelineId)?.copy
      if (copy) this.#background(this.#trying(copy, link, () => copy.roleGiven(role)))
    })
    for (const { copy } of this.#copies.values()) this.#openOnServer(copy)
    this.#work.next()
  }

  async #receive(copy: PipelineCopy, events: EventsMessage['events']): Promise<void> {
    const outcome = await copy.receive(events)
    this.#stored()
    const entry = this.#copies.get(copy.id)
    if (entry && outcome === 'applied') entry.isAskedAgain = false
    // At once the first time; a server whose events never fit must not be asked without a pause.
    if (outcome === 'gap' && entry?.link) {
      const { link } = entry
      if (entry.isAskedAgain) void this.#openLater(copy, (later) => later.link === link)
      else this.#openAgain(copy)
      entry.isAskedAgain = true
    }
    void this.#countQueue()
  }

  /** What came over a link and could not be stored is asked for again, by opening. */
  async #trying(copy: PipelineCopy, link: Link, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      void this.#openLater(copy, (later) => later.link === link)
      throw error
    }
  }

  /** The device takes writes again, where it had refused one. */
  #stored(): void {
    if (this.#status.value.storage !== 'failed') return
    this.#patch({ storage: this.#ports.store.durable ? 'durable' : 'memory' })
  }

  /** Work that nobody waits for: where the device cannot store it, the status says so. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof StorageFailed)) throw error
      if (!this.#stopped) this.#patch({ storage: 'failed' })
    })
  }

  /** Opens a pipeline on the connection that stands, unless it is open there. */
  #openOnServer(copy: PipelineCopy): void {
    const link = this.#link()
    const entry = this.#copies.get(copy.id)
    if (!link || entry?.copy !== copy || !entry.isLoaded || entry.link === link) return
    entry.link = link
    const { api, sleep } = this.#ports
    const stillHere = () => this.#link() === link && this.#copies.get(copy.id) === entry
    const opening = openOnLink(copy, link, api, sleep, stillHere).then((isOpen) => {
      if (!isOpen && entry.link === link) {
        entry.link = null
        // What waits may be uploaded by another tab, or come back to it: nobody need say so.
        void this.#openLater(copy, (later) => later.link === null && copy.pending.size > 0)
      }
      this.#work.next()
    })
    const failed = (error: unknown) => {
      void this.#openLater(copy, (later) => later.link === link)
      if (!(error instanceof Disconnected)) throw error
    }
    this.#background(opening.catch(failed))
  }

  /** Opens once more after a pause, where that is still due. */
  async #openLater(copy: PipelineCopy, isDue: (entry: OpenCopy) => boolean): Promise<void> {
    await this.#ports.sleep(OPEN_AGAIN_MS, new AbortController().signal)
    const entry = this.#copies.get(copy.id)
    if (!this.#stopped && entry?.copy === copy && isDue(entry)) this.#openAgain(copy)
  }

  /** Opens a pipeline again, from what is here: something between had been missed. */
  #openAgain(copy: PipelineCopy): void {
    const entry = this.#copies.get(copy.id)
    if (entry) entry.link = null
    this.#openOnServer(copy)
  }

  /** Uploads whenever there is something, for as long as this tab holds the lock. */
  async #uploadWhile(signal: AbortSignal): Promise<void> {
    const { store, sleep } = this.#ports
    await store.write(async (tx) => {
      const device = (await tx.device())!
      await tx.putDevice({ ...device, epoch: device.epoch + 1 })
    })
    while (!signal.aborted) {
      const link = this.#link()
      const woken = new AbortController()
      const wake = this.#work.subscribe(() => woken.abort())
      let pause = LOOK_AGAIN_MS
      if (link) {
        try {
          pause = Math.min(pause, (await this.#uploader.drain(link, signal)) ?? pause)
        } catch (error) {
          if (error instanceof StorageFailed) this.#patch({ storage: 'failed' })
          else if (!(error instanceof Disconnected)) throw error
          // What was sent is asked again, over the next link or once there is space.
          await sleep(RECONNECTING_MS, signal)
        }
        if (!signal.aborted) await this.#countQueue()
      }
      await sleep(pause, AbortSignal.any([signal, woken.signal]))
      wake.unsubscribe()
    }
  }

  #acknowledged(id: PipelineId, events: readonly EventId[]): void {
    const copy = this.#copies.get(id)?.copy
    copy?.acknowledged(events)
    // One that was made here can be opened from its first acknowledgement on.
    if (copy) this.#openOnServer(copy)
    this.#announce({ type: 'acknowledged', pipelineId: id, events })
  }

  /** A refusal may come of a role that has changed: opening again tells. */
  #refused(id: PipelineId): void {
    const copy = this.#copies.get(id)?.copy
    if (copy) this.#openAgain(copy)
    this.#announce({ type: 'refused' })
  }

  #renumbered(id: PipelineId): void {
    const copy = this.#copies.get(id)?.copy
    if (copy) this.#background(copy.load())
    this.#announce({ type: 'renumbered', pipelineId: id })
  }

  /** Tells the other tabs, and looks at the queue again. */
  #announce(message: TabMessage): void {
    this.#ports.channel.post(message)
    void this.#countQueue()
    this.#work.next()
  }

  #fromOtherTab(message: TabMessage): void {
    const copy =
      'pipelineId' in message ? this.#copies.get(message.pipelineId as PipelineId)?.copy : undefined
    if (message.type === 'uploading') return
    if (copy) {
      this.#background(this.#take(copy, message))
    }
    void this.#countQueue()
    this.#work.next()
  }

  async #take(copy: PipelineCopy, message: TabMessage): Promise<void> {
    if (message.type === 'edited') return copy.takeFromOtherTabs()
    if (message.type !== 'acknowledged') return copy.load()
    copy.acknowledged(message.events as readonly EventId[])
    // One that was made here is on the server since another tab has uploaded it.
    this.#openOnServer(copy)
  }

  /** Counts what waits. A count that failed is made again with the next edit. */
  async #countQueue(): Promise<void> {
    if (!this.#stopped) await this.#queueCount.ask()
  }

  async #count(): Promise<void> {
    const { size, refused } = await this.#ports.store.read(async (tx) => ({
      size: await tx.queueSize(),
      refused: await tx.refused(),
    }))
    const synced = size.events === 0 && this.status.connection === 'connected'
    this.#patch({
      pendingGestures: size.gestures,
      pendingEvents: size.events,
      refusedGestures: new Set(refused.map(({ event }) => event.intentId)).size,
      ...(synced && { lastSyncedAt: this.#ports.now() }),
    })
  }

  #patch(patch: Partial<SyncStatus>): void {
    this.#status.next({ ...this.#status.value, ...patch })
  }
}

/** A tab that missed a wake-up looks by itself. */
const LOOK_AGAIN_MS = 5_000
const RECONNECTING_MS = 250
const OPEN_AGAIN_MS = 1_000
