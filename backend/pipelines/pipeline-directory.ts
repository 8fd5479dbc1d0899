/** The folded state of pipelines, kept in memory and always catchable-up from the log. */
import { isStoredPipelineEvent, type StoredEvent } from '../../domain/events/event.ts'
import { pipelineStream, type PipelineId, type Revision } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { CHAIN_START } from '../../domain/log/hash-chain.ts'
import { evolve } from '../../domain/pipeline/evolve.ts'
import { forkState, initialState, type PipelineState } from '../../domain/pipeline/state.ts'

/** A pipeline at one revision of its stream. Never changed: an advance makes a new one. */
export interface PipelineAt {
  readonly state: PipelineState
  /** 0 where the pipeline has no events. */
  readonly revision: Revision
  readonly hash: string
  /** When the newest event was recorded, ISO 8601; null where there is none. */
  readonly recordedAt: string | null
}

export interface PipelineDirectory {
  /** The pipeline at the log's head at the time of the call; null where it does not exist. */
  read(id: PipelineId): Promise<PipelineAt | null>
  /** The pipeline at a revision up to the head, folded from the start. */
  readAt(id: PipelineId, revision: Revision): Promise<PipelineAt>
  /** The pipeline as this process knows it, perhaps behind the log: good enough to try an append. */
  recent(id: PipelineId): Promise<PipelineAt>
  /** Reads what the log holds beyond a known state. */
  refresh(id: PipelineId): Promise<PipelineAt>
  /** Keeps a state that an append has just made. */
  remember(at: PipelineAt): void
}

/** Pipelines kept in memory at once: a folded pipeline of 100 steps takes some 200 kB. */
const MAX_CACHED = 500
/** Events per read of a stream. */
const PAGE = 1_000

function advance(at: PipelineAt, events: readonly StoredEvent[]): PipelineAt {
  const last = events.at(-1)
  if (!last) return at
  const state = forkState(at.state)
  for (const stored of events) if (isStoredPipelineEvent(stored)) evolve(state, stored.event)
  return { state, revision: last.revision, hash: last.hash, recordedAt: last.recordedAt }
}

function nothingYet(id: PipelineId): PipelineAt {
  return { state: initialState(id), revision: 0 as Revision, hash: CHAIN_START, recordedAt: null }
}

export function createPipelineDirectory(log: EventLog): PipelineDirectory {
  const cache = new Map<PipelineId, PipelineAt>()

  function remember(at: PipelineAt): void {
    const id = at.state.id
    const known = cache.get(id)
    cache.delete(id)
    cache.set(id, known && known.revision > at.revision ? known : at)
    if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value!)
  }

  async function catchUp(from: PipelineAt, to = Number.MAX_SAFE_INTEGER): Promise<PipelineAt> {
    let at = from
    while (at.revision < to) {
      const limit = Math.min(PAGE, to - at.revision)
      const page = await log.readStream(pipelineStream(at.state.id), { after: at.revision, limit })
      at = advance(at, page)
      if (page.length < limit) break
    }
    return at
  }

  async function refresh(id: PipelineId): Promise<PipelineAt> {
    const at = await catchUp(cache.get(id) ?? nothingYet(id))
    if (at.revision > 0) remember(at)
    return at
  }

  return {
    remember,
    refresh,
    async read(id) {
      const at = await refresh(id)
      return at.revision > 0 ? at : null
    },
    readAt: (id, revision) => catchUp(nothingYet(id), revision),
    recent: async (id) => cache.get(id) ?? refresh(id),
  }
}
