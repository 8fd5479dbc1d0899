/** Time travel over the log: a pipeline as it was at a moment. */
import {
  isStoredPipelineEvent,
  type PipelineEvent,
  type StoredEvent,
} from '../../domain/events/event.ts'
import { pipelineStream, type PipelineId, type Revision } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import {
  Journey,
  Snapshots,
  type Moment,
  type PastState,
} from '../../domain/pipeline/time-travel.ts'
import { RecentMap } from '../recent-map.ts'

const PAGE = 1_000
/** Pipelines whose past is kept at hand: those that people look at the past of right now. */
const MOST_PIPELINES = 32

/** What a look at the past leaves behind for the next one. */
export class PastPipelines {
  readonly #byId = new RecentMap<PipelineId, Snapshots>(MOST_PIPELINES)

  /** The pipeline that was asked for longest ago makes room. */
  snapshotsOf(id: PipelineId): Snapshots {
    const snapshots = this.#byId.get(id) ?? new Snapshots()
    this.#byId.set(id, snapshots)
    return snapshots
  }
}

/**
 * @param head the stream's head; nothing beyond it is looked at
 * @returns null where the pipeline never was at that moment
 */
export async function pipelineAt(
  log: EventLog,
  id: PipelineId,
  head: Revision,
  moment: Moment,
  snapshots = new Snapshots(),
): Promise<PastState | null> {
  const journey = new Journey(id, moment, snapshots.before(moment))
  for await (const stored of pipelineEvents(log, id, head, journey.after)) {
    if (!journey.take(stored)) break
    // A device's view leaves events out: what is kept for others is the log's own past.
    if (!('clock' in moment)) snapshots.offer(journey.at)
  }
  return journey.arrive()
}

/** A pipeline's events after one revision and up to another, in order. */
export async function* pipelineEvents(
  log: EventLog,
  id: PipelineId,
  head: Revision,
  from = 0 as Revision,
): AsyncGenerator<StoredEvent<PipelineEvent>> {
  let after = from
  while (after < head) {
    const limit = Math.min(PAGE, head - after)
    const page = await log.readStream(pipelineStream(id), { after, limit })
    yield* page.filter(isStoredPipelineEvent)
    if (page.length < limit) return
    after = page.at(-1)!.revision
  }
}
