/** The server side: one log, two nodes that may die at any point, and a projector. */
import { createHash } from 'node:crypto'
import type { Subscription } from 'rxjs'
import {
  createPipelineDirectory,
  type PipelineDirectory,
} from '../../backend/pipelines/pipeline-directory.ts'
import { createAdmission } from '../../backend/sync/admission.ts'
import { startLogTail, type LogTail } from '../../backend/sync/log-tail.ts'
import { createPresenceBoard } from '../../backend/sync/presence-board.ts'
import {
  SyncSession,
  type Connection,
  type Person,
  type SessionPorts,
} from '../../backend/sync/sync-session.ts'
import type { ActorId, PipelineId, Position, ReplicaId, TeamId } from '../../domain/ids.ts'
import type { LogEvent, StoredEvent } from '../../domain/events/event.ts'
import { AppendRefused, LogUnavailable, type EventLog } from '../../domain/log/event-log.ts'
import { createMemoryLog } from '../../domain/log/memory-log.ts'
import { takeSnapshot } from '../../domain/pipeline/snapshot.ts'
import type { Role } from '../../domain/team/roles.ts'
import { Disconnected, type PipelineApi } from '../../frontend/replica/transport.ts'
import { BatchProjector } from '../../projections/batch-projector.ts'
import { followLog } from '../../projections/catch-up.ts'
import {
  createMemoryProjectionStore,
  type OpenProjectionStore,
} from '../support/memory-projection-store.ts'
import { createMemoryReplicaRegistry } from '../support/memory-replica-registry.ts'
import { Life } from './life.ts'
import { hashOf } from './past.ts'
import { POISON } from './script.ts'
import { ALL, delay, strikes, type World } from './world.ts'

const SLOWEST_LOG_MS = 10
const RESTART_MS = 8_000
/** Every so many revisions of a pipeline, what a server makes of it is remembered. */
const SHOWN_EVERY = 5
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

export interface ClusterOptions {
  readonly world: World
  readonly teamId: TeamId
  readonly nodes: number
  /** Another engine than the one in memory; it is never put back to a backup. */
  readonly engine?: Engine
}

/** What a server keeps its log and its tables in. */
export interface Engine {
  readonly log: EventLog
  readonly projection: OpenProjectionStore
}

export class Cluster {
  readonly #world: World
  readonly teamId: TeamId
  readonly roles = new Map<ActorId, Role | null>()
  readonly replicas = createMemoryReplicaRegistry()
  readonly #nodes: ServerNode[] = []
  #log: EventLog
  #projection: OpenProjectionStore
  readonly #isInMemory: boolean
  #projector: Subscription | null = null
  /** The log as it was when the last backup was made. */
  #backup: readonly StoredEvent[] | null = null

  constructor({ world, teamId, nodes, engine }: ClusterOptions) {
    this.#world = world
    this.teamId = teamId
    this.#isInMemory = engine === undefined
    this.#log = engine
      ? logOutOfTime(engine.log, world)
      : createMemoryLog({ now: world.time.now, sha256 })
    this.#projection = engine ? outOfTime(engine.projection, world) : createMemoryProjectionStore()
    for (let n = 0; n < nodes; n++) this.#nodes.push(new ServerNode(this, world))
  }

  /** The log itself, without delays and faults. */
  get log(): EventLog {
    return this.#log
  }

  get projection() {
    return this.#projection
  }

  async start(): Promise<void> {
    for (const node of this.#nodes) await node.start()
    await this.#project()
  }

  stop(): void {
    this.#projector?.unsubscribe()
    for (const node of this.#nodes) node.end()
  }

  roleOf = async (team: TeamId, actorId: ActorId): Promise<Role | null> =>
    team === this.teamId ? (this.roles.get(actorId) ?? null) : null

  setRole(actorId: ActorId, role: Role | null): void {
    this.roles.set(actorId, role)
    for (const node of this.#nodes) node.roleChanged(actorId, role)
  }

  anyNode(): ServerNode | null {
    const up = this.#nodes.filter((node) => node.isUp)
    return up.length > 0 ? this.#world.random.pick(up) : null
  }

  killNode(index: number): void {
    this.#nodes[index % this.#nodes.length]!.kill()
  }

  /** Starts what is down. */
  async heal(): Promise<void> {
    for (const node of this.#nodes) await node.start()
    await this.#projectAgain()
  }

  async backUp(): Promise<void> {
    this.#backup = await this.#log.readAll(0 as Position, ALL)
  }

  /** Puts the log back to the last backup; what was appended since is lost to the server. */
  async restore(): Promise<void> {
    if (!this.#backup || !this.#isInMemory) return
    for (const node of this.#nodes) node.kill()
    this.#projector?.unsubscribe()
    this.#log = await logOf(this.#backup, this.#world.time.now)
    this.#projection = createMemoryProjectionStore()
    this.#world.witness.restored(this.#backup)
    await this.#project()
  }

  /** Follows the log from the checkpoint, as the projector does. */
  async #project(): Promise<void> {
    const world = this.#world
    const store = this.#projection
    const life = new Life()
    const die = () => {
      life.end()
      this.#projector?.unsubscribe()
      this.#projector = null
      void delay(world, RESTART_MS).then(() => this.#projectAgain())
    }
    const mortal: typeof store = {
      ...store,
      async write(batch) {
        if (strikes(world, 'killedProjecting')) die()
        await life.pass()
        const faults = await store.write(batch)
        if (strikes(world, 'killedProjecting')) die()
        await life.pass()
        return faults
      },
    }
    const fail = ({ error }: { error?: unknown }) => world.witness.fail(error)
    const checkpoint = await store.checkpoint()
    const projector = new BatchProjector(this.#log, mortal, checkpoint, fail)
    this.#projector = followLog(this.#log, checkpoint.position, (page) => projector.project(page), {
      batchSize: 20,
      onRetry: (error) => world.witness.fail(error),
    }).subscribe()
  }

  async #projectAgain(): Promise<void> {
    if (!this.#projector) await this.#project()
  }

  /** What a person asks over HTTP, at whichever node answers. */
  apiFor(actorId: ActorId, life: Life, isOnline: () => boolean): PipelineApi {
    const world = this.#world
    const ask = async <T>(work: (node: ServerNode) => Promise<T>): Promise<T> => {
      await delay(world, 200)
      await life.pass()
      const node = isOnline() && !strikes(world, 'failedRequest') ? this.anyNode() : null
      if (!node) throw new Disconnected('nobody answers')
      const answer = structuredClone(await work(node))
      await delay(world, 200)
      await life.pass()
      if (!isOnline()) throw new Disconnected('the answer was lost')
      return answer
    }
    return {
      snapshot: (id) => ask((node) => node.snapshot(id, actorId)),
      events: (id, after, limit) => ask((node) => node.events(id, after, limit)),
    }
  }
}

/** An engine whose work takes real time: the simulation's stands still meanwhile. */
function outOfTime<T extends EventLog | OpenProjectionStore>(engine: T, { time }: World): T {
  const methods = Object.entries(engine).map(([name, method]) => [
    name,
    (...args: unknown[]) => time.outside(method(...args)),
  ])
  return Object.fromEntries(methods) as T
}

/** Tells of growth itself: the engine would look for it by timers, in a time that stands still. */
function logOutOfTime(engine: EventLog, world: World): EventLog {
  const log = outOfTime(engine, world)
  const listeners = new Set<() => void>()
  return {
    ...log,
    async append(request) {
      const result = await log.append(request)
      queueMicrotask(() => listeners.forEach((listener) => listener()))
      return result
    },
    onGrowth(listener) {
      const own = () => listener()
      listeners.add(own)
      return () => listeners.delete(own)
    },
  }
}

/** A log of the same events with the same hashes. */
async function logOf(events: readonly StoredEvent[], live: () => number): Promise<EventLog> {
  let recordedAt: string | null = null
  const now = () => (recordedAt === null ? live() : Date.parse(recordedAt))
  const log = createMemoryLog({ now, sha256 })
  for (const { event, ...stored } of events) {
    recordedAt = stored.recordedAt
    const streamId = 'pipelineId' in event ? (`pipeline-${event.pipelineId}` as const) : null
    await log.append({
      streamId: streamId as never,
      expectedRevision: (stored.revision - 1) as never,
      events: [event],
    })
  }
  recordedAt = null
  return log
}

/** Whether it is what no log can store, wherever it stands in a queue. */
function isPoison({ payload }: LogEvent): boolean {
  const { name, value } = payload as { name?: unknown; value?: unknown }
  return name === POISON || value === POISON
}

export class ServerNode {
  readonly #cluster: Cluster
  readonly #world: World
  /** Null before the first start. */
  #life: Life | null = null
  #ports: SessionPorts | null = null
  #tail: LogTail | null = null
  readonly #sessions = new Map<SyncSession, ActorId>()

  constructor(cluster: Cluster, world: World) {
    this.#cluster = cluster
    this.#world = world
  }

  get life(): Life {
    return this.#life!
  }

  end(): void {
    this.#life?.end()
  }

  get isUp(): boolean {
    return this.#ports !== null
  }

  async start(): Promise<void> {
    if (this.#life?.isAlive) return
    const life = (this.#life = new Life())
    const log = this.#logFor(life)
    const { roleOf, replicas } = this.#cluster
    const { now } = this.#world.time
    const tail = await startLogTail(log)
    if (!life.isAlive) return tail.stop()
    this.#tail = tail
    const known = createPipelineDirectory(log)
    const directory: PipelineDirectory = {
      ...known,
      remember: (at) => {
        if (at.revision % SHOWN_EVERY === 0) {
          this.#world.witness.past.remember('a server', at.hash, hashOf(at.state))
        }
        known.remember(at)
      },
    }
    const admission = createAdmission({ log, directory, roleOf, ownerOf: replicas.ownerOf, now })
    const presence = createPresenceBoard(() => undefined)
    life.onEnd(() => presence.stop())
    this.#ports = { log, tail, directory, admission, roleOf, presence, now, batchSize: 10 }
  }

  /** Ends it at whatever it is doing, and starts it again some time later. */
  kill(): void {
    if (!this.#life?.isAlive) return
    this.#ports = null
    this.#tail?.stop()
    for (const session of this.#sessions.keys()) session.end()
    this.#sessions.clear()
    this.#life.end()
    void delay(this.#world, RESTART_MS).then(() => this.start())
  }

  newSession(person: Person, replicaId: ReplicaId, connection: Connection): SyncSession {
    const bucket = { take: () => null }
    const session = new SyncSession(person, replicaId, connection, bucket, this.#ports!)
    this.#sessions.set(session, person.actorId)
    return session
  }

  endSession(session: SyncSession): void {
    if (this.#sessions.delete(session)) session.end()
  }

  roleChanged(actorId: ActorId, role: Role | null): void {
    for (const [session, owner] of this.#sessions) {
      if (owner === actorId) session.roleChanged(this.#cluster.teamId, role)
    }
  }

  async snapshot(id: PipelineId, actorId: ActorId) {
    const at = await this.#ports!.directory.read(id)
    if (!at || !this.#cluster.roles.get(actorId)) return null
    return { state: takeSnapshot(at.state), revision: at.revision, hash: at.hash }
  }

  async events(id: PipelineId, after: Parameters<PipelineApi['events']>[1], limit: number) {
    const stored = await this.#ports!.log.readStream(`pipeline-${id}` as never, { after, limit })
    return stored as Awaited<ReturnType<PipelineApi['events']>>
  }

  /** The log as this node has it: slow, sometimes away, and gone with the node. */
  #logFor(life: Life): EventLog {
    const world = this.#world
    const log = this.#cluster.log
    const slowly = async <T>(work: () => Promise<T>): Promise<T> => {
      await delay(world, SLOWEST_LOG_MS)
      await life.pass()
      const result = await work()
      await life.pass()
      return result
    }
    return {
      append: (request) =>
        slowly(async () => {
          if (strikes(world, 'logAway')) throw new LogUnavailable('The log is away.')
          if (request.events.some(isPoison)) {
            world.witness.happens('poison')
            throw new AppendRefused('The event cannot be stored: it is poison.')
          }
          const result = await log.append(request)
          if (result.ok) world.witness.appended(result.stored)
          if (strikes(world, 'killedAppending')) this.kill()
          await life.pass()
          if (strikes(world, 'logAway')) throw new LogUnavailable('The log did not say.')
          return result
        }),
      readStream: (streamId, range) => slowly(() => log.readStream(streamId, range)),
      readAll: (after, limit) => slowly(() => log.readAll(after, limit)),
      streamHead: (streamId) => slowly(() => log.streamHead(streamId)),
      head: () => slowly(() => log.head()),
      onGrowth: (listener) => log.onGrowth(listener),
    }
  }
}
