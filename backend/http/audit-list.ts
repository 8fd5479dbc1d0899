/** The audit list: a page of a pipeline's events, narrowed down to what somebody looks for. */
import type { StoredEvent } from '../../domain/events/event.ts'
import { pipelineStream, type PipelineId, type Revision } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'

export interface AuditFilter {
  /** Events after this revision. */
  readonly after?: Revision | undefined
  /** Events before this revision; then the page is the newest of those that match. */
  readonly before?: Revision | undefined
  readonly limit: number
  readonly actor?: string | undefined
  /** Events that are about a step, its connections and comments on it included. */
  readonly step?: string | undefined
  readonly types?: readonly string[] | undefined
  /** ISO 8601 in UTC with milliseconds, compared with `recordedAt`; both included. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Events per read while looking for matches. */
const PAGE = 1_000

/** The page, ascending by revision; nothing beyond `head` is looked at. */
export async function auditList(
  log: EventLog,
  id: PipelineId,
  head: Revision,
  filter: AuditFilter,
): Promise<StoredEvent[]> {
  const isBackward = filter.before !== undefined
  const found: StoredEvent[] = []
  let after = filter.after ?? (0 as Revision)
  let before = Math.min(filter.before ?? Infinity, head + 1) as Revision
  while (after + 1 < before) {
    const limit = Math.min(PAGE, before - after - 1)
    const direction = isBackward ? 'backward' : 'forward'
    const page = await log.readStream(pipelineStream(id), { after, before, limit, direction })
    for (const stored of page) {
      if (isPast(stored, filter, isBackward)) return inOrder(found, isBackward)
      if (matches(stored, filter)) found.push(stored)
      if (found.length === filter.limit) return inOrder(found, isBackward)
    }
    const last = page.at(-1)
    if (!last) break
    if (isBackward) before = last.revision
    else after = last.revision
  }
  return inOrder(found, isBackward)
}

const inOrder = (found: StoredEvent[], isBackward: boolean) =>
  isBackward ? found.reverse() : found

/** Whether nothing further on can match, because recorded times never run backwards. */
function isPast({ recordedAt }: StoredEvent, { from, to }: AuditFilter, isBackward: boolean) {
  return isBackward ? from !== undefined && recordedAt < from : to !== undefined && recordedAt > to
}

function matches({ event, recordedAt }: StoredEvent, filter: AuditFilter): boolean {
  const { actor, step, types, from, to } = filter
  return (
    (actor === undefined || event.actorId === actor) &&
    (types === undefined || types.includes(event.type)) &&
    (from === undefined || recordedAt >= from) &&
    (to === undefined || recordedAt <= to) &&
    (step === undefined || isAboutStep(event.payload, step))
  )
}

function isAboutStep(payload: unknown, step: string): boolean {
  const { stepId, from, to } = payload as Record<string, unknown>
  return [stepId, endOf(from), endOf(to)].includes(step)
}

function endOf(end: unknown): unknown {
  return typeof end === 'object' && end !== null ? (end as Record<string, unknown>)['stepId'] : null
}
