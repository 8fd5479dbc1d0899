/** Time travel: a pipeline as it was at a revision, at a time, or as a device with a clock saw it. */
import { dominates, includes, type VersionVector } from '../../domain/clock/version-vector.ts'
import {
  isStoredPipelineEvent,
  type PipelineEvent,
  type StoredEvent,
} from '../../domain/events/event.ts'
import { pipelineStream, type PipelineId, type ReplicaId, type Revision } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { evolve } from '../../domain/pipeline/evolve.ts'
import { initialState, vectorOf, type PipelineState } from '../../domain/pipeline/state.ts'

export type Moment =
  | { readonly revision: number }
  /** ISO 8601 in UTC with milliseconds, compared with `recordedAt`. */
  | { readonly time: string }
  /** A causally closed set of events, as a version vector. */
  | { readonly clock: VersionVector }

export interface PastPipeline {
  readonly state: PipelineState
  /** Of the last event that is in the state. */
  readonly revision: Revision
}

const PAGE = 1_000

/**
 * @param head the stream's head; nothing beyond it is looked at
 * @returns null where the pipeline never was at that moment
 */
export async function pipelineAt(
  log: EventLog,
  id: PipelineId,
  head: Revision,
  moment: Moment,
): Promise<PastPipeline | null> {
  const state = initialState(id)
  let revision = 0 as Revision
  for await (const stored of pipelineEvents(log, id, head)) {
    if ('revision' in moment && stored.revision > moment.revision) break
    if ('time' in moment && stored.recordedAt > moment.time) break
    if ('clock' in moment) {
      if (!includes(moment.clock, stored.event)) continue
      // What the device had applied, it had applied with all that it depends on.
      if (!dominates(moment.clock, stored.event.clock)) return null
    }
    evolve(state, stored.event)
    revision = stored.revision
  }
  if (revision === 0) return null
  if ('revision' in moment && revision !== moment.revision) return null
  return 'clock' in moment && !reaches(state, moment.clock) ? null : { state, revision }
}

function reaches(state: PipelineState, clock: VersionVector): boolean {
  const reached = vectorOf(state)
  return Object.entries(clock).every(([replicaId, seq]) => reached[replicaId as ReplicaId] === seq)
}

/** A pipeline's events up to a revision, in order. */
export async function* pipelineEvents(
  log: EventLog,
  id: PipelineId,
  head: Revision,
): AsyncGenerator<StoredEvent<PipelineEvent>> {
  let after = 0 as Revision
  while (after < head) {
    const limit = Math.min(PAGE, head - after)
    const page = await log.readStream(pipelineStream(id), { after, limit })
    yield* page.filter(isStoredPipelineEvent)
    if (page.length < limit) return
    after = page.at(-1)!.revision
  }
}
