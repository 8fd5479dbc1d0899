/**
 * Clocks on the wire: in a message an event may hold, in place of its clock, what differs from the
 * clock of the same replica's previous event on this connection.
 *
 * Messages of one connection arrive in the order they were sent, so both ends remember the same
 * clocks. What they remember is bounded by the same count at both ends: when it is full, both forget
 * everything, and clocks go whole again.
 */
import { z } from 'zod'
import {
  clockAfter,
  clockDelta,
  hasOwnEntry,
  type ClockDelta,
  type Clocked,
} from '../clock/clock-delta.ts'
import type { VersionVector } from '../clock/version-vector.ts'
import { accepts } from '../events/accepts.ts'
import type { PipelineEvent } from '../events/event.ts'
import { replicaIdSchema, type PipelineId, type ReplicaId } from '../ids.ts'
import { limits } from '../limits.ts'

/** An event as it goes over the wire. */
export type CodedEvent =
  PipelineEvent | (Omit<PipelineEvent, 'clock'> & { readonly clockDelta: ClockDelta })

/** Entries of clocks that one end of a connection remembers: a few megabytes. */
const MAX_ENTRIES = 100_000

interface Remembered {
  readonly seq: number
  readonly clock: VersionVector
  readonly entries: number
}

interface Placed extends Clocked {
  readonly pipelineId: PipelineId
}

class ConnectionClocks {
  readonly #byKey = new Map<string, Remembered>()
  #entries = 0

  /** The clock of the previous event of a replica, where it was the last one met. */
  before(pipelineId: PipelineId, replicaId: ReplicaId, seq: number): VersionVector | null {
    const last = this.#byKey.get(`${pipelineId} ${replicaId}`)
    return last?.seq === seq - 1 ? last.clock : null
  }

  meet({ pipelineId, replicaId, seq, clock }: Placed): void {
    const key = `${pipelineId} ${replicaId}`
    const entries = Object.keys(clock).length
    if (entries > limits.clockReplicas) return
    this.#entries += entries - (this.#byKey.get(key)?.entries ?? 0)
    if (this.#entries > MAX_ENTRIES) {
      this.#byKey.clear()
      this.#entries = entries
    }
    this.#byKey.set(key, { seq, clock, entries })
  }
}

/** The end of a connection that sends events. */
export class ClockEncoder {
  readonly #clocks = new ConnectionClocks()

  encode(event: PipelineEvent): CodedEvent {
    if (!hasOwnEntry(event)) return event
    const before = this.#clocks.before(event.pipelineId, event.replicaId, event.seq)
    this.#clocks.meet(event)
    if (!before) return event
    const { clock, ...rest } = event
    return { ...rest, clockDelta: clockDelta(before, clock, event.replicaId) }
  }
}

const isReplicaId = accepts(replicaIdSchema)
const isClockDelta = accepts(
  z.record(replicaIdSchema as unknown as z.ZodString, z.number().min(0)),
) as (value: unknown) => value is ClockDelta

/** The end of a connection that receives events, from whomever. */
export class ClockDecoder {
  readonly #clocks = new ConnectionClocks()

  /** The event with its whole clock; what cannot be decoded stays as it came, to be refused. */
  decode(received: unknown): unknown {
    if (!isPlaced(received)) return received
    const { clockDelta: delta, ...rest } = received
    if (delta === undefined) {
      if (isClock(received) && hasOwnEntry(received)) this.#clocks.meet(received)
      return received
    }
    const { pipelineId, replicaId, seq } = received
    const before = this.#clocks.before(pipelineId, replicaId, seq)
    if (!before || !isClockDelta(delta)) return received
    const decoded = { ...rest, clock: clockAfter(before, delta, received) }
    this.#clocks.meet(decoded)
    return decoded
  }
}

type ReceivedPlace = Omit<Placed, 'clock'> & { readonly clockDelta?: unknown }

function isPlaced(value: unknown): value is ReceivedPlace {
  if (typeof value !== 'object' || value === null) return false
  const { pipelineId, replicaId, seq } = value as Record<string, unknown>
  return typeof pipelineId === 'string' && typeof seq === 'number' && isReplicaId(replicaId)
}

function isClock(value: ReceivedPlace): value is ReceivedPlace & Placed {
  const { clock } = value as { readonly clock?: unknown }
  return typeof clock === 'object' && clock !== null
}
