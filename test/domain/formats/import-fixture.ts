import { readFileSync } from 'node:fs'
import type {
  ImportedPipeline,
  ImportReport,
  ImportResult,
} from '../../../domain/formats/imported-pipeline.ts'
import { importN8n } from '../../../domain/formats/n8n.ts'

/** Ids that are uuids and count from 1. */
export function countingIds(): () => string {
  let count = 0
  return () => `00000000-0000-7000-8000-${(++count).toString(16).padStart(12, '0')}`
}

/** The text of one of the small files beside these tests. */
export function n8nFile(name: string): string {
  return readFileSync(new URL(`n8n/${name}.json`, import.meta.url), 'utf8')
}

export function resultOf(content: unknown): ImportResult {
  return importN8n(content, { newId: countingIds() })
}

/** What an import gives; throws its message where it is refused. */
export function imported(content: unknown): { pipeline: ImportedPipeline; report: ImportReport } {
  const result = resultOf(content)
  if (!result.ok) throw new Error(result.message)
  return result
}

/** The connections by the names of their steps, as `A out0 > in0 B`. */
export function linesOf({ steps, connections }: ImportedPipeline): string[] {
  const names = new Map(steps.map(({ id, name }) => [id, name]))
  return connections.map(
    ({ from, to }) => `${names.get(from.stepId)} ${from.port} > ${to.port} ${names.get(to.stepId)}`,
  )
}

/**
 * A pipeline without what may differ between two imports of one workflow: new ids are numbered, ids
 * of the file and the order of connections left out.
 */
export function withoutIds(pipeline: ImportedPipeline): unknown {
  const anonymous = (part: { id: string; foreign?: unknown }) => {
    const { n8n, ...rest } = part.foreign as { n8n: Record<string, unknown> }
    return { ...part, id: null, foreign: { ...rest, n8n: { ...n8n, id: null } } }
  }
  return {
    ...pipeline,
    steps: pipeline.steps.map(anonymous),
    notes: pipeline.notes.map(anonymous),
    connections: linesOf(pipeline).sort(),
  }
}
