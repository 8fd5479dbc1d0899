/**
 * Uploads the queue: one batch after the other, oldest first, for as long as it is allowed to run. A
 * pipeline that the server cannot take now waits, and the others go on.
 *
 * Nothing leaves the queue but by a push's answer or by coming back from the server. What each
 * answer does is decided by `settle`; here it is stored, in one transaction.
 */
import { HLC_ZERO, laterHlc, type Hlc } from '../../domain/clock/hlc.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { EventId, PipelineId, ReplicaId } from '../../domain/ids.ts'
import { limits } from '../../domain/limits.ts'
import { codes } from '../../domain/protocol/codes.ts'
import type { PushAnswer } from '../../domain/protocol/messages.ts'
import type { LocalStore, ReadTransaction, WriteTransaction } from './local-store.ts'
import { renumber } from './restamp.ts'
import { settle, type Settlement, type Verdict } from './settle.ts'
import {
  localEvent,
  newRecord,
  pendingEvents,
  queuedEvents,
  queueEntry,
  withReplica,
} from './stored-pipeline.ts'
import type { Link } from './transport.ts'

export interface UploaderPorts {
  readonly store: LocalStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newReplicaId: () => ReplicaId
  readonly batchSize: number
  readonly acknowledged: (id: PipelineId, events: readonly EventId[]) => void
  readonly refused: (id: PipelineId, verdicts: readonly Verdict[]) => void
  /** Stored events were renumbered: states in memory must be loaded again. */
  readonly renumbered: (id: PipelineId) => void
  readonly sending: (isSending: boolean) => void
}

interface Batch {
  readonly pipelineId: PipelineId
  readonly events: readonly PipelineEvent[]
  readonly epoch: number
}

/** Before a push that was answered `unavailable`, or `rate-limited` without a time, is repeated. */
const USUAL_PAUSE_MS = 1_000

export class Uploader {
  readonly #ports: UploaderPorts
  /** Heads of the queue that were mended once for a missing dependency. */
  readonly #mended = new Set<EventId>()
  /** Pipelines that wait, by this device's clock; a clock that is put back ends all waiting. */
  readonly #waiting = new Map<PipelineId, { readonly since: number; readonly until: number }>()

  constructor(ports: UploaderPorts) {
    this.#ports = ports
  }

  /**
   * Pushes until the queue has nothing more to send now, or the signal is aborted.
   * @returns how many milliseconds until there is something to send again; null where nothing waits
   * @throws Disconnected when the link ends before an answer: the events stay in the queue
   */
  async drain(link: Link, signal: AbortSignal): Promise<number | null> {
    const { sending } = this.#ports
    try {
      for (;;) {
        const batch = await this.#nextBatch()
        if (!batch || signal.aborted) return this.#untilNext()
        sending(true)
        const answer = await this.#push(batch, link)
        const wait = await this.#settle(batch, answer, link)
        if (wait !== null) this.#wait(batch.pipelineId, wait || USUAL_PAUSE_MS)
      }
    } finally {
      sending(false)
    }
  }

  #wait(id: PipelineId, ms: number): void {
    const since = this.#ports.now()
    this.#waiting.set(id, { since, until: since + ms })
  }

  #mustWait(id: PipelineId): boolean {
    const wait = this.#waiting.get(id)
    const now = this.#ports.now()
    if (wait && wait.since <= now && now < wait.until) return true
    this.#waiting.delete(id)
    return false
  }

  /** Whatever has waited long enough is looked at once more, and then forgotten: it may be gone. */
  #untilNext(): number | null {
    const now = this.#ports.now()
    const waits = [...this.#waiting.values()].map(({ until }) => Math.max(0, until - now))
    for (const [id, { until }] of this.#waiting) if (until <= now) this.#waiting.delete(id)
    return waits.length > 0 ? Math.min(...waits) : null
  }

  async #push(batch: Batch, link: Link): Promise<PushAnswer> {
    try {
      const answer = await link.push(batch)
      const isLost = !answer.ok && answer.code === 'not-found' && (await this.#isLost(batch, link))
      // Whoever made the pipeline sends it again: until then nothing is wrong with these events.
      return isLost ? { ...answer, code: 'unavailable' } : answer
    } catch (error) {
      await this.#ports.store.write((tx) => countRetry(tx, batch))
      throw error
    }
  }

  /** The oldest events that may go in one push: of one pipeline and one replica, within the limits. */
  #nextBatch(): Promise<Batch | null> {
    const { store, batchSize } = this.#ports
    return store.read(async (tx) => {
      const pipelineId = await this.#nextPipeline(tx)
      const device = await tx.device()
      if (!pipelineId || !device) return null
      const entries = await tx.queue(Math.min(batchSize, limits.pushEvents), pipelineId)
      const events = fitting(await queuedEvents(tx, entries))
      return { pipelineId, events, epoch: device.epoch }
    })
  }

  async #nextPipeline(tx: ReadTransaction): Promise<PipelineId | null> {
    const [oldest] = await tx.queue(1)
    if (!oldest) return null
    if (!this.#mustWait(oldest.pipelineId)) return oldest.pipelineId
    for (const { id } of await tx.pipelines()) {
      if (this.#mustWait(id)) continue
      const [head] = await tx.queue(1, id)
      if (head) return id
    }
    return null
  }

  /** Whether a pipeline that the server had is gone from it as a whole: a backup was put back. */
  async #isLost({ pipelineId }: Batch, link: Link): Promise<boolean> {
    const record = await this.#ports.store.read((tx) => tx.pipeline(pipelineId))
    if (!record?.onServer || record.revision === 0) return false
    const answer = await link.open({ pipelineId, after: record.revision })
    return !answer.ok && answer.code === 'other-history'
  }

  /** Stores what an answer means; gives how long to wait before the next push, or null. */
  async #settle(batch: Batch, answer: PushAnswer, link: Link): Promise<number | null> {
    const { pipelineId } = batch
    const settlement = await this.#ports.store.write((tx) => this.#store(tx, batch, answer))
    if (settlement.acknowledged.length > 0) {
      this.#ports.acknowledged(pipelineId, settlement.acknowledged)
    }
    if (settlement.refused.length > 0) this.#ports.refused(pipelineId, settlement.refused)
    if (settlement.rest) {
      this.#ports.renumbered(pipelineId)
      if (settlement.rest.length === 0) await this.#raiseFence(batch, link)
    }
    return settlement.retryAfterMs
  }

  async #store(tx: WriteTransaction, batch: Batch, answer: PushAnswer): Promise<Settlement> {
    const { pipelineId } = batch
    const { now, newReplicaId } = this.#ports
    const accepted = answer.ok ? batch.events : batch.events.slice(0, answer.at)
    const left = answer.ok ? [] : await stillAsSent(tx, batch, answer)
    const [head] = left
    // Only new times have to follow on it, and reading it means reading all that waits.
    const isAhead = !answer.ok && answer.code === 'clock-ahead'
    const decided = settle(answer, {
      pending: [...accepted, ...left],
      pushed: batch.events.length,
      mendedBefore: head !== undefined && this.#mended.has(head.id),
      greatestSeen: isAhead ? await greatestSeen(tx, pipelineId, left) : HLC_ZERO,
      now: now(),
      newReplicaId,
    })
    const { resendAfter } = decided
    const settlement =
      resendAfter === null
        ? decided
        : { ...decided, rest: await this.#queueAgain(tx, left, resendAfter) }
    if (!answer.ok && answer.code === 'missing-dependency' && head) this.#mended.add(head.id)
    await tx.dequeue(settlement.acknowledged)
    if (settlement.refused.length > 0) await this.#storeVerdicts(tx, settlement.refused)
    if (settlement.retryAfterMs !== null) await countRetry(tx, batch)
    await this.#storeRest(tx, pipelineId, settlement)
    return settlement
  }

  async #storeVerdicts(tx: WriteTransaction, refused: readonly Verdict[]): Promise<void> {
    const ids = refused.map(({ event }) => event.id)
    const at = this.#ports.now()
    await tx.putRefused(refused.map((verdict) => ({ ...verdict, at })))
    await tx.dequeue(ids)
    await tx.deleteEvents(ids)
  }

  async #storeRest(tx: WriteTransaction, id: PipelineId, settlement: Settlement): Promise<void> {
    const { rest, newReplicaId, clockOffset, epochAbove, acknowledged } = settlement
    const record = (await tx.pipeline(id)) ?? newRecord(id)
    if (rest) await tx.putEvents(rest.map(localEvent))
    if (rest || (acknowledged.length > 0 && !record.onServer)) {
      await tx.putPipeline({
        ...(newReplicaId ? withReplica(record, newReplicaId) : record),
        onServer: record.onServer || acknowledged.length > 0,
        generation: record.generation + (rest ? 1 : 0),
      })
    }
    const device = (await tx.device())!
    if (!rest && epochAbove === null && clockOffset === null) return
    await tx.putDevice({
      ...device,
      epoch: Math.max(device.epoch, epochAbove ?? 0) + 1,
      clockOffset: clockOffset ?? device.clockOffset,
    })
  }

  /**
   * Puts events that the server turns out to lack back before the rest of the queue; gives what the
   * queue then holds. Where this device has not all of them, the rest is numbered on from `known`.
   */
  async #queueAgain(
    tx: WriteTransaction,
    pending: readonly PipelineEvent[],
    known: number,
  ): Promise<readonly PipelineEvent[]> {
    const { pipelineId, replicaId, seq } = pending[0]!
    const later = await tx.ofReplica(pipelineId, replicaId, known)
    const missing = later.map((row) => row.event).filter((event) => event.seq < seq)
    const isWhole = missing.length === seq - 1 - known
    const again = isWhole
      ? [...missing, ...pending]
      : renumber(pending, { from: replicaId, to: replicaId, keptSeq: known, lastSeq: known })
    await tx.dequeue(pending.map((event) => event.id))
    await tx.enqueue(again.map((event) => queueEntry(event, this.#ports.now())))
    return again
  }

  /**
   * After a refusal that left nothing to send, the raised epoch is sent alone, so that a copy of
   * the refused push that is still under way somewhere cannot be accepted after all.
   */
  async #raiseFence({ pipelineId, events }: Batch, link: Link): Promise<void> {
    const device = await this.#ports.store.read((tx) => tx.device())
    const { replicaId } = events[0]!
    if (device) await link.push({ pipelineId, events: [], replicaId, epoch: device.epoch })
  }
}

/**
 * The queue from the event on at which a push stopped; nothing where the queue was renumbered while
 * the push was under way, or the event has come back from the server: the next push asks again.
 * Where the answer changes no event, what of the queue was sent is enough: a long queue takes
 * seconds to read, and a busy server may say `rate-limited` again and again.
 */
async function stillAsSent(
  tx: ReadTransaction,
  { pipelineId, events, epoch }: Batch,
  { at, code }: Extract<PushAnswer, { ok: false }>,
): Promise<readonly PipelineEvent[]> {
  const accepted = new Set(events.slice(0, at).map((event) => event.id))
  const changesNone = codes[code] === 'retried' || code === 'stale-epoch'
  const queue = await pendingEvents(tx, pipelineId, changesNone ? events.length : Infinity)
  const left = queue.filter((event) => !accepted.has(event.id))
  const isAsSent = (await tx.device())?.epoch === epoch && left[0]?.id === events[at]?.id
  return isAsSent ? left : []
}

/** The greatest hlc of what the server has: of what came from it, and of what it acknowledged. */
async function greatestSeen(
  tx: ReadTransaction,
  id: PipelineId,
  left: readonly PipelineEvent[],
): Promise<Hlc> {
  const { greatestHlc } = (await tx.pipeline(id)) ?? newRecord(id)
  const stillToSend = new Set(left.map((event) => event.id))
  const acknowledged = (await tx.unconfirmed(id)).filter((row) => !stillToSend.has(row.id))
  return acknowledged.reduce((greatest, row) => laterHlc(greatest, row.event.hlc), greatestHlc)
}

async function countRetry(tx: WriteTransaction, { pipelineId, events }: Batch): Promise<void> {
  const sent = new Set(events.map((event) => event.id))
  const entries = await tx.queue(events.length, pipelineId)
  const again = entries.filter((entry) => sent.has(entry.eventId))
  await tx.enqueue(again.map((entry) => ({ ...entry, retries: entry.retries + 1 })))
}

/** The first events that share a replica and stay within the size of a push. */
function fitting(events: readonly PipelineEvent[]): PipelineEvent[] {
  const batch: PipelineEvent[] = []
  const encoder = new TextEncoder()
  // Brackets and commas of the array count too.
  let bytes = 2
  for (const event of events) {
    bytes += encoder.encode(JSON.stringify(event)).length + 1
    const fits = bytes <= limits.pushBytes && event.replicaId === events[0]!.replicaId
    if (batch.length > 0 && !fits) break
    batch.push(event)
  }
  return batch
}
