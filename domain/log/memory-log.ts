/** The event log in memory, for simulation and tests: the shortest engine that keeps the contract. */
import { isPipelineEvent, type LogEvent, type StoredEvent } from '../events/event.ts'
import type { EventId, Position, Revision, StreamId } from '../ids.ts'
import { checkAppend } from './check-append.ts'
import {
  AppendRefused,
  TAKEN_ID,
  type AppendRequest,
  type AppendResult,
  type EventLog,
  type Fence,
  type StreamRange,
} from './event-log.ts'
import { CHAIN_START, chainHash, type Sha256 } from './hash-chain.ts'

export interface MemoryLogOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A faster SHA-256 of the platform, where there is one. */
  readonly sha256?: Sha256
}

interface Stream {
  readonly events: StoredEvent[]
  /** `replica/seq` of every pipeline event. */
  readonly dots: Set<string>
}

export function createMemoryLog({ now, sha256 }: MemoryLogOptions): EventLog {
  const all: StoredEvent[] = []
  const streams = new Map<StreamId, Stream>()
  const epochs = new Map<string, number>()
  const ids = new Set<EventId>()
  const listeners = new Set<() => void>()

  function append(request: AppendRequest): AppendResult {
    const { streamId, expectedRevision, events, fence } = request
    const texts = checkAppend(request)
    const stream = streams.get(streamId) ?? { events: [], dots: new Set() }
    const actualRevision = stream.events.length as Revision

    const there = stream.events.slice(expectedRevision, expectedRevision + events.length)
    const isRepeated = events.length > 0 && events.every((e, i) => e.id === there[i]?.event.id)
    if (!isRepeated) {
      const epoch = fence && epochs.get(fenceKey(streamId, fence))
      if (epoch !== undefined && epoch > fence!.epoch) {
        return { ok: false, reason: 'stale-epoch', epoch }
      }
      const isElsewhere = events.length > 0 && expectedRevision !== actualRevision
      if (isElsewhere) return { ok: false, reason: 'conflict', actualRevision }
      if (!areNew(ids, events)) throw new AppendRefused(TAKEN_ID)
      if (!takeDots(stream, events)) return { ok: false, reason: 'conflict', actualRevision }
      for (const { id } of events) ids.add(id)
    }

    if (fence) raise(streamId, fence)
    if (isRepeated) return { ok: true, stored: there }
    return { ok: true, stored: texts.length > 0 ? write(streamId, stream, texts) : [] }
  }

  function raise(streamId: StreamId, fence: Fence): void {
    const key = fenceKey(streamId, fence)
    epochs.set(key, Math.max(epochs.get(key) ?? 0, fence.epoch))
  }

  function write(streamId: StreamId, stream: Stream, texts: readonly string[]): StoredEvent[] {
    const last = stream.events.at(-1)
    const nowIso = new Date(now()).toISOString()
    const recordedAt = last && last.recordedAt > nowIso ? last.recordedAt : nowIso
    const stored = texts.map((text) => {
      const revision = (stream.events.length + 1) as Revision
      const position = (all.length + 1) as Position
      const prevHash = stream.events.at(-1)?.hash ?? CHAIN_START
      const hash = chainHash(prevHash, revision, recordedAt, text, sha256)
      // A copy, as a disk would keep it: what the caller does to its own object changes no history.
      const event = JSON.parse(text) as LogEvent
      const one: StoredEvent = { revision, position, recordedAt, prevHash, hash, event }
      stream.events.push(one)
      all.push(one)
      return one
    })
    streams.set(streamId, stream)
    queueMicrotask(() => listeners.forEach((listener) => listener()))
    return stored
  }

  return {
    append: async (request) => append(request),
    readStream: async (streamId, range) => pageOf(streams.get(streamId)?.events ?? [], range),
    readAll: async (after, limit) => all.slice(after, after + limit),
    streamHead: async (streamId) => {
      const last = streams.get(streamId)?.events.at(-1)
      return { revision: last?.revision ?? (0 as Revision), hash: last?.hash ?? CHAIN_START }
    },
    head: async () => all.length as Position,
    onGrowth(listener) {
      const own = () => listener()
      listeners.add(own)
      return () => listeners.delete(own)
    },
  }
}

function fenceKey(streamId: StreamId, { replicaId }: Fence): string {
  return `${streamId}/${replicaId}`
}

function areNew(taken: ReadonlySet<EventId>, events: readonly LogEvent[]): boolean {
  const own = new Set(events.map(({ id }) => id))
  return own.size === events.length && events.every(({ id }) => !taken.has(id))
}

/** Takes the events' places among those of their replicas; false, and none, where one is taken. */
function takeDots({ dots }: Stream, events: readonly LogEvent[]): boolean {
  const wanted = new Set<string>()
  for (const event of events) {
    if (!isPipelineEvent(event)) continue
    const dot = `${event.replicaId}/${event.seq}`
    if (dots.has(dot) || wanted.has(dot)) return false
    wanted.add(dot)
  }
  for (const dot of wanted) dots.add(dot)
  return true
}

function pageOf(
  events: readonly StoredEvent[],
  { after = 0 as Revision, before, limit, direction = 'forward' }: StreamRange,
): StoredEvent[] {
  const end = before === undefined ? events.length : Math.max(0, before - 1)
  const within = events.slice(after, end)
  return direction === 'forward'
    ? within.slice(0, limit)
    : within.slice(Math.max(0, within.length - limit)).reverse()
}
