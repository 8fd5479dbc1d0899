/** What the parts of the contract suite share. */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { LogEvent, PipelineEvent, StoredEvent } from '../../../domain/events/event.ts'
import {
  pipelineStream,
  type PipelineId,
  type Revision,
  type StreamId,
} from '../../../domain/ids.ts'
import type { AppendResult, EventLog, Fence } from '../../../domain/log/event-log.ts'
import { CHAIN_START, isChained } from '../../../domain/log/hash-chain.ts'

export interface Tools {
  log(): EventLog
  setTime(ms: number): void
  /** Appends to the events' own stream. */
  append(events: readonly LogEvent[], after: number, fence?: Fence): Promise<AppendResult>
}

/** A random one, as the log may be older than this run. */
export function newPipeline(): PipelineId {
  return randomUUID() as PipelineId
}

export function streamOfPipeline({ pipelineId }: PipelineEvent): StreamId {
  return pipelineStream(pipelineId)
}

export function appendTo(
  log: EventLog,
  events: readonly LogEvent[],
  after: number,
  fence?: Fence,
): Promise<AppendResult> {
  const [first] = events
  if (!first) throw new Error('an append by this function needs an event')
  const streamId = 'pipelineId' in first ? pipelineStream(first.pipelineId) : first.streamId
  const expectedRevision = after as Revision
  return log.append({ streamId, expectedRevision, events, ...(fence && { fence }) })
}

export function storedBy(result: AppendResult): readonly StoredEvent[] {
  if (!result.ok) throw new Error(`the append was refused: ${JSON.stringify(result)}`)
  return result.stored
}

export function conflict(actualRevision: number) {
  return { ok: false, reason: 'conflict', actualRevision }
}

/** Checks a stream from its first event on. */
export function expectChain(stream: readonly StoredEvent[]): void {
  let prevHash = CHAIN_START
  for (const stored of stream) {
    expect(isChained(stored, prevHash), `revision ${stored.revision} is chained`).to.equal(true)
    prevHash = stored.hash
  }
}
