import { isPipelineEvent, streamOf } from '../events/event.ts'
import { isUuid } from '../ids.ts'
import { canonicalJson, jsonIssue } from '../json.ts'
import { AppendRefused, type AppendRequest } from './event-log.ts'

/**
 * What every engine checks before it looks at its streams: the log is for ever, so that this is the
 * last chance to keep out what a reader could not take.
 * @returns each event as canonical JSON, the text that is hashed and stored
 * @throws AppendRefused for an event that is not plain JSON or whose id is not a uuid
 * @throws RangeError for a request that makes no sense: a bug of the caller
 */
export function checkAppend({
  streamId,
  expectedRevision,
  events,
  fence,
}: AppendRequest): string[] {
  if (!isCount(expectedRevision)) throw new RangeError(`not a revision: ${expectedRevision}`)
  if (fence && !isCount(fence.epoch)) throw new RangeError(`not an epoch: ${fence.epoch}`)
  if (events.length === 0 && !fence) throw new RangeError('an append of nothing needs a fence')
  return events.map((event) => {
    const issue = jsonIssue(event)
    if (issue) throw new AppendRefused(`The event cannot be stored: ${issue}.`)
    if (!isUuid(event.id)) throw new AppendRefused('The event cannot be stored: its id is no uuid.')
    if (isPipelineEvent(event) && !isCount(event.seq)) {
      throw new AppendRefused('The event cannot be stored: its seq is no whole number.')
    }
    if (streamOf(event) !== streamId) {
      throw new RangeError(`event ${event.id} does not belong to ${streamId}`)
    }
    return canonicalJson(event)
  })
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
