/**
 * Keeps the read models up with the log, for as long as this process runs: takes the lease, follows
 * the log from the checkpoint, and writes each batch with the checkpoint in one transaction.
 *
 * - Exactly once: a batch is written only where the checkpoint is the one it starts from. Whoever
 *   takes over, after whatever failure, starts from what is committed.
 * - One writer: without the lease this process waits, and reports how far the others are.
 * - Nothing stops it for good: what fails is tried again, and a stream that cannot be projected is
 *   put aside while the others go on.
 */
import { firstValueFrom, from, merge, race, ReplaySubject, takeUntil, timer } from 'rxjs'
import type { Position } from '../domain/ids.ts'
import type { EventLog } from '../domain/log/event-log.ts'
import { BatchProjector } from './batch-projector.ts'
import { followLog } from './catch-up.ts'
import { isInHistory, OtherHistory } from './log-history.ts'
import { takeLease, type Database, type ProjectionLease } from './postgres/projection-lease.ts'
import { readCheckpoint } from './postgres/postgres-projection-store.ts'
import { CheckpointMoved, type Fault, type ProjectionStore } from './projection-store.ts'
import { READ_MODELS_VERSION } from './read-models.ts'
import { rebuild } from './rebuild.ts'

export interface ProjectorOptions {
  readonly log: EventLog
  /** A pool; one of its connections is taken for as long as this process has the lease. */
  readonly database: Database
  readonly logger: ProjectorLogger
  /** Events per transaction. */
  readonly batchSize?: number
  /** Milliseconds between two looks of a projector that waits for the lease. */
  readonly standbyMs?: number
}

export interface ProjectorLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export interface ProjectorStatus {
  /**
   * standby: another process has the lease · projecting: this one has · retrying: an error is in the
   * way, and it is tried again · stopped
   */
  readonly state: 'standby' | 'projecting' | 'retrying' | 'stopped'
  readonly position: Position
  /** What is in the way, as a sentence. */
  readonly error: string | null
  /** Streams that could not be projected, as far as this process has met them. */
  readonly faults: readonly Fault[]
}

export interface Projector {
  /** Where the tables are, as far as this process knows. */
  position(): Position
  /** How many events of the log the tables do not show yet. */
  lag(): Promise<number>
  /** Resolves when the tables are at a position or beyond; rejects when the projector stops. */
  waitFor(position: Position): Promise<void>
  status(): ProjectorStatus
  /** Finishes the batch under way and gives the lease back. */
  stop(): Promise<void>
}

/** Larger than a push, so that a backlog costs few commits; small enough to be seen moving. */
const BATCH_SIZE = 1_000
/** A dead projector's work is taken up after this long. */
const STANDBY_MS = 500
const RETRY_MS = 1_000

interface Waiter {
  readonly position: Position
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class ProjectorStopped extends Error {
  constructor() {
    super('The projector was stopped.')
    this.name = 'ProjectorStopped'
  }
}

export function startProjector(options: ProjectorOptions): Projector {
  return new RunningProjector(options)
}

class RunningProjector implements Projector {
  private readonly options: ProjectorOptions
  private readonly stopping = new ReplaySubject<void>(1)
  private readonly running: Promise<void>
  private readonly faults = new Map<string, Fault>()
  private isStopping = false
  private waiters: Waiter[] = []
  private at = 0 as Position
  private state: ProjectorStatus['state'] = 'standby'
  private error: string | null = null

  constructor(options: ProjectorOptions) {
    this.options = options
    this.running = this.run()
  }

  position(): Position {
    return this.at
  }

  async lag(): Promise<number> {
    return Math.max(0, (await this.options.log.head()) - this.at)
  }

  waitFor(position: Position): Promise<void> {
    if (this.at >= position) return Promise.resolve()
    if (this.isStopping) return Promise.reject(new ProjectorStopped())
    return new Promise((resolve, reject) => this.waiters.push({ position, resolve, reject }))
  }

  status(): ProjectorStatus {
    const { state, at: position, error } = this
    return { state, position, error, faults: [...this.faults.values()] }
  }

  async stop(): Promise<void> {
    this.isStopping = true
    this.stopping.next()
    await this.running
    this.state = 'stopped'
    for (const { reject } of this.waiters.splice(0)) reject(new ProjectorStopped())
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        const lease = await takeLease(this.options.database)
        await (lease ? this.projectWith(lease).finally(lease.release) : this.standBy())
      } catch (error) {
        this.fail(error)
        await this.pause(RETRY_MS)
      }
    }
  }

  private async standBy(): Promise<void> {
    const { position } = await readCheckpoint(this.options.database)
    this.state = 'standby'
    this.error = null
    this.arriveAt(position)
    await this.pause(this.options.standbyMs ?? STANDBY_MS)
  }

  /** Projects until somebody asks for the lease, something breaks, or this process stops. */
  private async projectWith(lease: ProjectionLease): Promise<void> {
    const { log, batchSize = BATCH_SIZE } = this.options
    const projector = await this.prepare(lease.store)
    let underWay: Promise<void> = Promise.resolve()
    const handled = followLog(log, this.at, (page) => (underWay = projector.project(page)), {
      batchSize,
      onRetry: (error) => this.fail(error),
      isFinal: (error) => error instanceof CheckpointMoved,
    })
    try {
      await handled
        .pipe(takeUntil(merge(this.stopping, from(lease.ended))))
        .forEach((position) => this.projected(position))
    } finally {
      await underWay.catch(() => undefined)
    }
  }

  /** Brings the tables into a state from which following may start. */
  private async prepare(store: ProjectionStore): Promise<BatchProjector> {
    const { log, logger } = this.options
    let checkpoint = await store.checkpoint()
    if (!(await isInHistory(log, checkpoint))) throw new OtherHistory(checkpoint.position)
    if (checkpoint.position > 0 && checkpoint.version !== READ_MODELS_VERSION) {
      logger.info({ ...checkpoint }, 'the read models have a new form and are made again')
      await rebuild({ log, store })
      checkpoint = await store.checkpoint()
    }
    this.faults.clear()
    const projector = new BatchProjector(log, store, checkpoint, (fault) => this.meet(fault))
    await projector.heal()
    this.projected(checkpoint.position)
    return projector
  }

  private projected(position: Position): void {
    this.state = 'projecting'
    this.error = null
    this.arriveAt(position)
  }

  private arriveAt(position: Position): void {
    this.at = position
    const arrived = this.waiters.filter((waiter) => waiter.position <= position)
    this.waiters = this.waiters.filter((waiter) => waiter.position > position)
    for (const { resolve } of arrived) resolve()
  }

  private meet(fault: Fault): void {
    this.faults.set(fault.streamId, fault)
    this.options.logger.error({ ...fault }, 'a stream cannot be projected: its rows stay')
  }

  private fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (message !== this.error) {
      this.options.logger.warn({ error }, 'projecting failed, and is tried again')
    }
    this.state = 'retrying'
    this.error = message
  }

  private async pause(ms: number): Promise<void> {
    await firstValueFrom(race(timer(ms), this.stopping))
  }
}
