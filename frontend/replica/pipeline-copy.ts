/**
 * A pipeline that is open in this tab: its state, and everything that is done to it.
 *
 * Guarantees: an edit is stored before it is shown; the state is always what the stored events
 * amount to; what other tabs store is applied before anything is decided on top of it.
 */
import { compareClock } from './device-clock.ts'
import { PendingEdits } from './pending-edits.ts'
import { readHistory } from './pipeline-history.ts'
import { rejectionOf } from './rejections.ts'
import type { VersionVector } from '../../domain/clock/version-vector.ts'
import type { PipelineEvent, StoredEvent } from '../../domain/events/event.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  Revision,
} from '../../domain/ids.ts'
import { deliver } from '../../domain/pipeline/causal-delivery.ts'
import type { Command } from '../../domain/pipeline/commands.ts'
import { decide, type Decision } from '../../domain/pipeline/decide.ts'
import { evolveAll } from '../../domain/pipeline/evolve.ts'
import { initialState, isCreated, type PipelineState } from '../../domain/pipeline/state.ts'
import { gestureOf, undoGesture } from '../../domain/pipeline/undo.ts'
import type { PresenceMessage, PresentMember } from '../../domain/protocol/messages.ts'
import { atLeast, type Role } from '../../domain/team/roles.ts'
import type { Device, LocalStore, WriteTransaction } from './local-store.ts'
import type {
  ExecuteResult,
  HistoryItem,
  OpenPipeline,
  PipelineStatus,
  UndoResult,
} from './replica.ts'
import {
  adoptSnapshot,
  followsOn,
  forgetSnapshot,
  keepSnapshot,
  loadPipeline,
  localEvent,
  newRecord,
  queueEntry,
  rememberName,
  replicaOf,
  storeServerEvents,
  summaryAfter,
  type LoadedPipeline,
} from './stored-pipeline.ts'
import {
  acknowledgedAndLost,
  adoptOtherHistory,
  queueFounded,
  queueUnconfirmed,
  type OtherHistory,
} from './restored-server.ts'
import type { PipelineApi, PipelineSnapshot } from './transport.ts'
import { UndoStacks, type Way } from './undo-stacks.ts'

/** What a copy needs of its device. */
export interface CopyPorts {
  readonly store: LocalStore
  readonly api: PipelineApi
  readonly actorId: ActorId
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newEventId: () => EventId
  readonly newIntentId: () => IntentId
  readonly newReplicaId: () => ReplicaId
  /** Local edits were stored: other tabs and the uploader want to know. */
  readonly edited: (id: PipelineId) => void
  /** Stored events were renumbered: other tabs must load again. */
  readonly renumbered: (id: PipelineId) => void
  /** What is stored is behind what this tab was sent: it has to be opened again. */
  readonly fellBehind: (id: PipelineId) => void
  readonly showPresence: (message: PresenceMessage) => void
  readonly closed: (id: PipelineId) => void
  /** The largest number of pending events that this device keeps. */
  readonly maxOfflineQueue: number
  readonly storageFailed: () => void
}

export class PipelineCopy implements OpenPipeline {
  readonly id: PipelineId
  status: PipelineStatus = 'loading'
  role: Role | null = null
  state: PipelineState
  revision = 0 as Revision
  /** The server's hash at `revision`, to recognise its history by. */
  hash: string | null = null
  /** Whether the server is known to have this pipeline. */
  onServer = false
  /** Whether it was made in this tab, so that the server cannot know it before its first push. */
  madeHere = false
  /** Whether a snapshot is about to come that has what the server sends meanwhile. */
  awaitsSnapshot = false
  readonly #pending = new PendingEdits()
  members: readonly PresentMember[] = []
  readonly #ports: CopyPorts
  readonly #listeners = new Set<() => void>()
  readonly #stacks = new UndoStacks()
  #generation = 0
  /** Whether this tab is about to open again anyway, from where it then stands. */
  #isAdopting = false
  #turn: Promise<unknown> = Promise.resolve()

  constructor(id: PipelineId, ports: CopyPorts) {
    this.id = id
    this.#ports = ports
    this.state = initialState(id)
  }

  get pending(): ReadonlySet<string> {
    return this.#pending.ids
  }

  get pendingThings(): ReadonlySet<string> {
    return this.#pending.things
  }

  get canUndo(): boolean {
    return this.#stacks.canUndo && !this.#readOnly()
  }

  get canRedo(): boolean {
    return this.#stacks.canRedo && !this.#readOnly()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  changed(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Reads the pipeline from the store; resolves once it is shown, if it is there. */
  load(): Promise<void> {
    return this.#inTurn(() => this.#load())
  }

  async #load(): Promise<void> {
    const { store } = this.#ports
    const loaded = await store.read((tx) => loadPipeline(tx, this.id))
    if (loaded === 'unreadable') {
      await store.write((tx) => forgetSnapshot(tx, this.id))
      return this.#load()
    }
    if (loaded) this.#show(loaded)
    else if (this.revision > 0) this.#forget()
    this.changed()
    // A device that has no space for it opens more slowly, and loses nothing.
    if (loaded?.snapshot) await store.write((tx) => keepSnapshot(tx, loaded)).catch(() => undefined)
  }

  async #loadAdopted(): Promise<void> {
    this.#isAdopting = true
    try {
      await this.#load()
    } finally {
      this.#isAdopting = false
    }
  }

  #show({ record, state, pending }: LoadedPipeline): void {
    // Another tab has taken up another history: what this one was sent on its own link lies ahead.
    if (record.revision < this.revision && !this.#isAdopting) this.#ports.fellBehind(this.id)
    this.state = state
    this.revision = record.revision
    this.hash = record.hash
    this.role = record.role
    this.onServer = record.onServer
    this.#pending.clear()
    this.#pending.add(pending)
    this.#generation = record.generation
    // Its creation was refused: nothing of it is left to be sent.
    if (pending.length === 0 && !isCreated(state)) this.madeHere = false
    this.#settleStatus()
  }

  #settleStatus(): void {
    if (this.status === 'revoked' || this.status === 'not-found') return
    if (this.state.unapplied.length > 0) this.status = 'upgrade-required'
    else if (isCreated(this.state)) this.status = 'ready'
  }

  setStatus(status: PipelineStatus): void {
    this.status = status
    this.changed()
  }

  execute(commands: readonly Command[]): Promise<ExecuteResult> {
    return this.#inTurn(() => this.#execute(() => commands, 'do'))
  }

  /** @param commandsNow asked when the state holds everything that this device has stored */
  async #execute(commandsNow: () => readonly Command[], way: Way): Promise<ExecuteResult> {
    const readOnly = this.#readOnly()
    if (readOnly) return rejectionOf('read-only', readOnly)
    const intentId = this.#ports.newIntentId()
    const decision = await this.#store(commandsNow, intentId)
    if (!decision.ok) return decision
    this.#stacks.remember(gestureOf(this.state, decision.events), way)
    evolveAll(this.state, decision.events)
    this.#pending.add(decision.events)
    this.#settleStatus()
    this.changed()
    this.#ports.edited(this.id)
    return { ok: true, intentId }
  }

  #readOnly(): string | null {
    if (this.role && !atLeast(this.role, 'editor'))
      return 'You can look at this pipeline, not edit it.'
    if (this.status === 'upgrade-required')
      return 'Reload the page first: a newer version is needed.'
    if (this.status === 'revoked' || this.status === 'not-found')
      return 'This pipeline is closed to you.'
    return null
  }

  /** Decides, and stores the events and their queue entries, in one transaction. */
  async #store(commandsNow: () => readonly Command[], intentId: IntentId): Promise<Decision> {
    const { store, actorId, now, newEventId, maxOfflineQueue, storageFailed } = this.#ports
    try {
      return await store.write(async (tx) => {
        const device = (await tx.device())!
        const record = (await tx.pipeline(this.id)) ?? newRecord(this.id)
        const replicaId = replicaOf(record, device)
        await this.#applyOtherTabs(tx, record.generation, replicaId)
        const time = now() + device.clockOffset
        const author = { actorId, replicaId, intentId, now: time, newEventId }
        const decision = decide(commandsNow(), this.state, author)
        if (!decision.ok) return decision
        const waiting = await tx.queueLength()
        if (waiting + decision.events.length > maxOfflineQueue) {
          return rejectionOf('invalid', 'Too many edits wait for the server. Connect first.')
        }
        await tx.putEvents(decision.events.map(localEvent))
        await tx.enqueue(decision.events.map((event) => queueEntry(event, now())))
        await tx.putPipeline({ ...record, ...summaryAfter(this.state, decision.events) })
        return decision
      })
    } catch (error) {
      storageFailed()
      const reason =
        error instanceof Error ? error.message : 'This device could not store the edit.'
      return rejectionOf('invalid', reason)
    }
  }

  /** Applies what other tabs of this device have stored since, so that numbers follow on. */
  async #applyOtherTabs(
    tx: WriteTransaction,
    generation: number,
    replicaId: ReplicaId,
  ): Promise<void> {
    if (generation !== this.#generation) return this.#showStored(tx)
    const known = this.state.replicas.get(replicaId)?.seq ?? 0
    const rows = await tx.ofReplica(this.id, replicaId, known)
    if (rows.length === 0) return
    const others = rows.map((row) => row.event)
    // An acknowledgement that was faster than this is followed by its own message.
    this.#pending.add(rows.filter((row) => row.revision === 0).map((row) => row.event))
    const waiting = deliver(this.state, others)
    if (waiting.length > 0) await this.#showStored(tx)
  }

  async #showStored(tx: WriteTransaction): Promise<void> {
    const loaded = await loadPipeline(tx, this.id)
    if (loaded && loaded !== 'unreadable') this.#show(loaded)
  }

  undo(): Promise<UndoResult> {
    return this.#revert('undo')
  }

  redo(): Promise<UndoResult> {
    return this.#revert('redo')
  }

  #revert(way: 'undo' | 'redo'): Promise<UndoResult> {
    return this.#inTurn(async () => {
      const gesture = this.#stacks.take(way)
      let leftAlone: UndoResult['leftAlone'] = []
      if (!gesture) return { done: false, leftAlone }
      const revert = (): readonly Command[] => {
        const undo = undoGesture(this.state, gesture, this.#ports.actorId)
        leftAlone = undo.leftAlone
        return [{ type: 'Apply', changes: undo.changes }]
      }
      const result = await this.#execute(revert, way)
      // What could not be done now can be asked for again; what left nothing to do is done with.
      if (!result.ok && result.rejection.code !== 'no-change') this.#stacks.putBack(gesture, way)
      if (!result.ok) this.changed()
      return { done: result.ok, leftAlone }
    })
  }

  /** Takes in events that the server sent; `gap` asks to open again. */
  async receive(events: readonly StoredEvent<PipelineEvent>[]): Promise<'applied' | 'gap'> {
    if (this.awaitsSnapshot) return 'applied'
    return this.#inTurn<'applied' | 'gap'>(async () => {
      const { store, renumbered } = this.#ports
      const fresh = events.filter((stored) => stored.revision > this.revision)
      const last = fresh.at(-1)
      if (!last) return 'applied'
      if (!followsOn(this, fresh[0]!)) return 'gap'
      const stored = await store.write(async (tx) =>
        storeServerEvents(tx, (await tx.device())!, this.id, events, this.#ports),
      )
      if (stored.kind === 'gap') {
        // What is stored is not what this tab shows: another has let go of it meanwhile.
        await this.#load()
        return 'gap'
      }
      if (stored.kind === 'changed') renumbered(this.id)
      if (stored.kind === 'changed' || stored.record.generation !== this.#generation) {
        await this.#load()
        return 'applied'
      }
      const waiting = deliver(
        this.state,
        fresh.map(({ event }) => event),
      )
      if (waiting.length > 0) {
        await this.#load()
        return 'applied'
      }
      this.revision = last.revision
      this.hash = last.hash
      this.onServer = true
      this.#pending.delete(fresh.map(({ event }) => event.id))
      this.#settleStatus()
      await rememberName(this.#ports.store, this.state, stored.record)
      this.changed()
      return 'applied'
    })
  }

  /** Shows what another tab has stored. */
  async takeFromOtherTabs(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#ports.store.write(async (tx) => {
        const record = (await tx.pipeline(this.id)) ?? newRecord(this.id)
        const device: Device = (await tx.device())!
        await this.#applyOtherTabs(tx, record.generation, replicaOf(record, device))
      })
      this.changed()
    })
  }

  acknowledged(ids: readonly EventId[]): void {
    this.#pending.delete(ids)
    this.onServer = true
    this.madeHere = false
    this.changed()
  }

  /** The server has opened it, and told its time. */
  async opened(role: Role, serverTime: number): Promise<void> {
    const { store, now } = this.#ports
    await this.roleGiven(role)
    await compareClock(store, now(), serverTime)
  }

  /** Remembers the role that the server gave; after a letting go that is under way. */
  roleGiven(role: Role): Promise<void> {
    return this.#inTurn(async () => {
      this.onServer = true
      if (this.status !== 'ready') this.status = 'loading'
      this.#settleStatus()
      if (this.role !== role) {
        this.role = role
        await this.#ports.store.write(async (tx) => {
          const record = (await tx.pipeline(this.id)) ?? newRecord(this.id)
          await tx.putPipeline({ ...record, role, onServer: true })
        })
      }
      this.changed()
    })
  }

  /** Starts on a new device from the server's snapshot. */
  startFrom(snapshot: PipelineSnapshot): Promise<void> {
    return this.#adopt((tx) => adoptSnapshot(tx, this.id, snapshot))
  }

  /** Goes on with a server that has another history. */
  async takeUp(history: OtherHistory): Promise<void> {
    await this.#adopt((tx) => adoptOtherHistory(tx, this.id, history, this.#ports))
    this.#ports.renumbered(this.id)
  }

  #adopt(write: (tx: WriteTransaction) => Promise<unknown>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#ports.store.write(write)
      await this.#loadAdopted()
    })
  }

  /**
   * Sends again what a server, restored from a backup, does not have any more, though this device
   * had been told that it was accepted.
   */
  async sendWhatIsLost(vector: VersionVector): Promise<void> {
    const { store, now, edited } = this.#ports
    const isLost = await this.#inTurn(async () => {
      const lost = await store.read((tx) => acknowledgedAndLost(tx, this.id, vector))
      if (lost.length === 0) return false
      return store.write((tx) => queueUnconfirmed(tx, this.id, vector, now()))
    })
    if (isLost) edited(this.id)
  }

  /**
   * The server has lost the whole pipeline: its founder sends it again, and the others follow once
   * it is there. False where it was made elsewhere.
   */
  async sendAgain(): Promise<boolean> {
    const isAgain = await this.#inTurn(async () => {
      const founded = await this.#ports.store.write((tx) => queueFounded(tx, this.id, this.#ports))
      if (founded) await this.#loadAdopted()
      return founded
    })
    if (isAgain) this.#ports.renumbered(this.id)
    return isAgain
  }

  /**
   * The person has no access any more: the copy goes, unless edits wait whose verdict is still to
   * come. Whoever is let in again starts anew.
   */
  async letGo(status: 'revoked' | 'not-found'): Promise<void> {
    await this.#inTurn(async () => {
      this.members = []
      this.setStatus(status)
      const isErased = await this.#ports.store.write(async (tx) => {
        const waiting = await tx.queue(1, this.id)
        if (waiting.length === 0) await tx.erasePipeline(this.id)
        return waiting.length === 0
      })
      if (isErased) this.#forget()
      this.changed()
    })
  }

  #forget(): void {
    this.state = initialState(this.id)
    this.revision = 0 as Revision
    this.hash = null
    this.role = null
    this.#pending.clear()
    this.#generation = 0
  }

  history(): Promise<readonly HistoryItem[]> {
    const { store, api } = this.#ports
    return readHistory(this.id, store, api)
  }

  showPresence(presence: Parameters<OpenPipeline['showPresence']>[0]): void {
    this.#ports.showPresence({ pipelineId: this.id, ...presence } as PresenceMessage)
  }

  membersChanged(members: readonly PresentMember[]): void {
    this.members = members
    this.changed()
  }

  close(): void {
    this.#ports.closed(this.id)
  }

  /** Everything that touches the state runs one after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work)
    this.#turn = run.catch(() => undefined)
    return run
  }
}
