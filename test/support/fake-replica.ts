/**
 * A device's copy in memory, with the real domain and knobs instead of a server: other people's
 * devices that act without having seen each other, refusals, and every connection state.
 */
import type { PipelineEvent } from '../../domain/events/event.ts'
import { changesOf } from '../../domain/formats/import-changes.ts'
import type { ImportedPipeline } from '../../domain/formats/imported-pipeline.ts'
import type {
  ActorId,
  CommentId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  Revision,
  TeamId,
} from '../../domain/ids.ts'
import { deliver } from '../../domain/pipeline/causal-delivery.ts'
import type { Command } from '../../domain/pipeline/commands.ts'
import { decide } from '../../domain/pipeline/decide.ts'
import { evolveAll } from '../../domain/pipeline/evolve.ts'
import { describeEvent, type HistoryEntry } from '../../domain/pipeline/history.ts'
import { forkState, initialState, pipelineName, teamOf } from '../../domain/pipeline/state.ts'
import type { PipelineState } from '../../domain/pipeline/state.ts'
import { gestureOf, undoGesture, type Gesture } from '../../domain/pipeline/undo.ts'
import type { PresentMember } from '../../domain/protocol/messages.ts'
import type { Role } from '../../domain/team/roles.ts'
import type {
  ExecuteResult,
  LocalPipeline,
  OpenPipeline,
  PipelineStatus,
  RefusedEdit,
  Replica,
  SyncStatus,
  UndoResult,
} from '../../frontend/replica/replica.ts'

/** Where the clock of a fake replica starts: 12 November 2026, 11:00 UTC. */
export const FAKE_START_MS = Date.UTC(2026, 10, 12, 11)

export interface FakeReplicaOptions {
  readonly userId?: string
  readonly replicaId?: string
  /** Milliseconds since 1970; by default one second later at every call. */
  readonly now?: () => number
}

export class FakeReplica implements Replica {
  readonly actorId: ActorId
  readonly replicaId: ReplicaId
  readonly now: () => number
  readonly pipelines = new Map<PipelineId, FakePipeline>()
  refused: RefusedEdit[] = []
  retries = 0
  stopped = false
  private readonly listeners = new Set<(status: SyncStatus) => void>()
  private base: SyncStatus = {
    connection: 'connected',
    pendingGestures: 0,
    pendingEvents: 0,
    sending: false,
    refusedGestures: 0,
    nextRetryAt: null,
    lastSyncedAt: FAKE_START_MS,
    storage: 'durable',
  }

  constructor(options: FakeReplicaOptions = {}) {
    this.actorId = (options.userId ?? crypto.randomUUID()) as ActorId
    this.replicaId = (options.replicaId ?? 'mydevice0000') as ReplicaId
    let ticks = 0
    this.now = options.now ?? (() => FAKE_START_MS + 1000 * ticks++)
  }

  get status(): SyncStatus {
    const pending = [...this.pipelines.values()].flatMap((pipeline) => pipeline.pendingEvents())
    return {
      ...this.base,
      pendingEvents: pending.length,
      pendingGestures: new Set(pending.map(({ intentId }) => intentId)).size,
      refusedGestures: this.refused.length,
    }
  }

  /** Sets the connection, the storage and so on; what was pending is sent once connected. */
  setStatus(status: Partial<SyncStatus>): void {
    this.base = { ...this.base, ...status }
    if (this.online()) for (const pipeline of this.pipelines.values()) pipeline.acknowledge()
    this.changed()
  }

  online(): boolean {
    return this.base.connection === 'connected'
  }

  changed(): void {
    for (const listener of this.listeners) listener(this.status)
  }

  onStatus(listener: (status: SyncStatus) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  open(id: PipelineId): FakePipeline {
    const known = this.pipelines.get(id)
    if (known) return known
    const missing = new FakePipeline(this, id)
    missing.set({ status: this.online() ? 'not-found' : 'not-on-device' })
    return missing
  }

  async create(name: string, teamId: TeamId): Promise<PipelineId> {
    const pipeline = this.make()
    await pipeline.execute([{ type: 'CreatePipeline', name, teamId }])
    return pipeline.id
  }

  async createFrom(imported: ImportedPipeline, teamId: TeamId, name?: string): Promise<PipelineId> {
    const pipeline = this.make()
    const options = name === undefined ? { teamId } : { teamId, name }
    await pipeline.execute([{ type: 'Apply', changes: changesOf(imported, options) }])
    return pipeline.id
  }

  private make(): FakePipeline {
    const pipeline = new FakePipeline(this, crypto.randomUUID() as PipelineId)
    this.pipelines.set(pipeline.id, pipeline)
    return pipeline
  }

  async localPipelines(): Promise<readonly LocalPipeline[]> {
    return [...this.pipelines.values()].map((pipeline) => {
      const pending = pipeline.pendingEvents()
      return {
        id: pipeline.id,
        name: pipelineName(pipeline.state),
        teamId: teamOf(pipeline.state),
        pendingGestures: new Set(pending.map(({ intentId }) => intentId)).size,
        unsent: pending.some(({ type }) => type === 'PipelineCreated'),
      }
    })
  }

  async refusedEdits(): Promise<readonly RefusedEdit[]> {
    return this.refused
  }

  async dismissRefused(eventIds: readonly string[]): Promise<void> {
    this.refused = this.refused.filter(({ event }) => !eventIds.includes(event.id))
    this.changed()
  }

  async pendingBackup(): Promise<string> {
    const pending = [...this.pipelines.values()].flatMap((pipeline) => pipeline.pendingEvents())
    return pending.map((event) => `${JSON.stringify(event)}\n`).join('')
  }

  retryNow(): void {
    this.retries += 1
  }

  newStepId(): string {
    return crypto.randomUUID()
  }

  newCommentId(): CommentId {
    return crypto.randomUUID() as CommentId
  }

  async stop(): Promise<void> {
    this.stopped = true
  }
}

interface PipelineKnobs {
  status: PipelineStatus
  role: Role | null
  members: readonly PresentMember[]
}

export class FakePipeline implements OpenPipeline {
  readonly id: PipelineId
  readonly state: PipelineState
  readonly events: PipelineEvent[] = []
  readonly pending = new Set<string>()
  readonly shown: Parameters<OpenPipeline['showPresence']>[0][] = []
  private readonly replica: FakeReplica
  private readonly listeners = new Set<() => void>()
  private readonly undos: Gesture[] = []
  private readonly redos: Gesture[] = []
  private knobs: PipelineKnobs = { status: 'ready', role: 'owner', members: [] }

  constructor(replica: FakeReplica, id: PipelineId) {
    this.replica = replica
    this.id = id
    this.state = initialState(id)
  }

  get status(): PipelineStatus {
    return this.knobs.status
  }
  get role(): Role | null {
    return this.knobs.role
  }
  get members(): readonly PresentMember[] {
    return this.knobs.members
  }
  get revision(): Revision {
    return (this.events.length - this.pending.size) as Revision
  }
  get canUndo(): boolean {
    return this.undos.length > 0
  }
  get canRedo(): boolean {
    return this.redos.length > 0
  }

  /** Ids of the things that pending events are about. */
  get pendingThings(): ReadonlySet<string> {
    const things = this.pendingEvents().map(({ payload }) => {
      const { stepId, noteId } = payload as { stepId?: string; noteId?: string }
      return stepId ?? noteId ?? ''
    })
    return new Set(things)
  }

  /** Sets status, role or members, and tells everyone who watches. */
  set(knobs: Partial<PipelineKnobs>): void {
    this.knobs = { ...this.knobs, ...knobs }
    this.tell()
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  tell(): void {
    for (const listener of this.listeners) listener()
    this.replica.changed()
  }

  pendingEvents(): PipelineEvent[] {
    return this.events.filter(({ id }) => this.pending.has(id))
  }

  acknowledge(): void {
    this.pending.clear()
    this.tell()
  }

  async execute(commands: readonly Command[]): Promise<ExecuteResult> {
    const before = forkState(this.state)
    const decision = decide(commands, this.state, this.author())
    if (!decision.ok) return decision
    this.undos.push(gestureOf(before, decision.events))
    this.redos.length = 0
    this.apply(decision.events)
    return { ok: true, intentId: decision.events[0]!.intentId }
  }

  undo(): Promise<UndoResult> {
    return this.turnBack(this.undos, this.redos)
  }

  redo(): Promise<UndoResult> {
    return this.turnBack(this.redos, this.undos)
  }

  private async turnBack(from: Gesture[], to: Gesture[]): Promise<UndoResult> {
    const gesture = from.pop()
    if (!gesture) return { done: false, leftAlone: [] }
    const { changes, leftAlone } = undoGesture(this.state, gesture, this.replica.actorId)
    const before = forkState(this.state)
    const decision = decide([{ type: 'Apply', changes }], this.state, this.author())
    if (decision.ok) {
      to.push(gestureOf(before, decision.events))
      this.apply(decision.events)
    } else this.tell()
    return { done: decision.ok, leftAlone }
  }

  private author() {
    return {
      actorId: this.replica.actorId,
      replicaId: this.replica.replicaId,
      intentId: crypto.randomUUID() as IntentId,
      now: this.replica.now(),
      newEventId: () => crypto.randomUUID() as EventId,
    }
  }

  private apply(events: readonly PipelineEvent[]): void {
    evolveAll(this.state, events)
    this.events.push(...events)
    if (!this.replica.online()) for (const { id } of events) this.pending.add(id)
    this.tell()
  }

  async history(): Promise<readonly HistoryEntry[]> {
    const state = initialState(this.id)
    return this.events.map((event) => {
      const entry = describeEvent(state, event)
      evolveAll(state, [event])
      return entry
    })
  }

  showPresence(presence: Parameters<OpenPipeline['showPresence']>[0]): void {
    this.shown.push(presence)
  }

  /** Another person's device, with what is here now; it sees nothing more until it is told. */
  otherDevice(actorId: string, replicaId: string): OtherDevice {
    return new OtherDevice(this, actorId as ActorId, replicaId as ReplicaId, this.replica.now)
  }

  /** What another device sent arrives here. */
  receive(events: readonly PipelineEvent[]): void {
    const waiting = deliver(this.state, events)
    if (waiting.length > 0) throw new Error('the fake was handed events without their causes')
    this.events.push(...events)
    this.tell()
  }

  close(): void {
    this.listeners.clear()
  }
}

/** Somebody else, who edits a copy of their own. */
export class OtherDevice {
  private readonly state: PipelineState
  private readonly outbox: PipelineEvent[] = []
  private readonly pipeline: FakePipeline
  private readonly actorId: ActorId
  private readonly replicaId: ReplicaId
  private readonly now: () => number

  constructor(pipeline: FakePipeline, actorId: ActorId, replicaId: ReplicaId, now: () => number) {
    this.pipeline = pipeline
    this.actorId = actorId
    this.replicaId = replicaId
    this.now = now
    this.state = forkState(pipeline.state)
  }

  /** Decides and keeps what comes of it; `send` hands it over. */
  execute(commands: readonly Command[], at: number = this.now()): this {
    const decision = decide(commands, this.state, {
      actorId: this.actorId,
      replicaId: this.replicaId,
      intentId: crypto.randomUUID() as IntentId,
      now: at,
      newEventId: () => crypto.randomUUID() as EventId,
    })
    if (!decision.ok) throw new Error(decision.rejection.message)
    evolveAll(this.state, decision.events)
    this.outbox.push(...decision.events)
    return this
  }

  send(): void {
    this.pipeline.receive(this.outbox.splice(0))
  }
}
