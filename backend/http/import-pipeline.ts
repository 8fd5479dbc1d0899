/**
 * Imports a file as a pipeline, by the same admission as everybody's edits.
 *
 * Everything an import makes (ids, stamps, events) follows from the file and an origin. A repeated
 * request therefore sends the very same events: those that are there are duplicates, those that an
 * interrupted first try did not get to are accepted now, and the answer is the same.
 */
import { createHash } from 'node:crypto'
import { HLC_ZERO } from '../../domain/clock/hlc.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import { refuseFormat, type PipelineFormat } from '../../domain/formats/detect-format.ts'
import { changesOf } from '../../domain/formats/import-changes.ts'
import type { ImportReport, ImportResult } from '../../domain/formats/imported-pipeline.ts'
import { importN8n } from '../../domain/formats/n8n.ts'
import type { ActorId, EventId, IntentId, PipelineId, TeamId } from '../../domain/ids.ts'
import { limits } from '../../domain/limits.ts'
import { stampChanges } from '../../domain/pipeline/stamp.ts'
import type { PushAnswer, Refused } from '../../domain/protocol/messages.ts'
import type { ImportOrigin } from './keyed-imports.ts'
import { seededIds } from './seeded-ids.ts'

export interface ImportRequest {
  readonly teamId: TeamId
  readonly content: string
  readonly format?: PipelineFormat | undefined
  /** Instead of the name in the file. */
  readonly name?: string | undefined
}

/** Takes events of one replica into a pipeline, as a push does. */
export type Submit = (push: {
  readonly actorId: ActorId
  readonly pipelineId: PipelineId
  readonly events: readonly PipelineEvent[]
}) => Promise<PushAnswer>

export type ImportOutcome =
  | { readonly ok: true; readonly pipelineId: PipelineId; readonly report: ImportReport }
  | { readonly ok: false; readonly file: Extract<ImportResult, { ok: false }> }
  | { readonly ok: false; readonly refused: Refused }

/** What makes two requests the same. */
export function hashOfImport({ teamId, content, format, name }: ImportRequest): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([teamId, content, format ?? null, name ?? null]))
    .digest()
}

export async function importPipeline(
  request: ImportRequest,
  actorId: ActorId,
  { seed, startedAt }: ImportOrigin,
  submit: Submit,
): Promise<ImportOutcome> {
  const ids = seededIds({ seed, startedAt })
  const pipelineId = ids.next() as PipelineId
  const { teamId, name } = request
  const read = readFile(request, ids.next)
  if (!read.ok) return { ok: false, file: read }
  const changes = changesOf(read.pipeline, { teamId, ...(name !== undefined && { name }) })
  const events = stampChanges(
    changes,
    { pipelineId, vector: {}, greatestHlc: HLC_ZERO },
    {
      actorId,
      replicaId: ids.replicaId,
      intentId: ids.next() as IntentId,
      now: startedAt,
      newEventId: () => ids.next() as EventId,
    },
  )
  for (const batch of batchesOf(events)) {
    const answer = await submit({ actorId, pipelineId, events: batch })
    if (!answer.ok) return { ok: false, refused: answer }
  }
  return { ok: true, pipelineId, report: read.report }
}

function readFile({ content, format }: ImportRequest, newId: () => string): ImportResult {
  return format === undefined || format === 'n8n'
    ? importN8n(content, { newId })
    : refuseFormat(format)
}

/** As many events at once as a push may hold, by their number and by their size. */
function* batchesOf(events: readonly PipelineEvent[]): Generator<PipelineEvent[]> {
  let batch: PipelineEvent[] = []
  let bytes = 2
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event)) + 1
    if (batch.length === limits.pushEvents || bytes + size > limits.pushBytes) {
      yield batch
      batch = []
      bytes = 2
    }
    batch.push(event)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
