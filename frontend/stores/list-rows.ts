/** The rows of the list: what the server has, merged with what only this device has. */
import type { ListedPipeline } from '../api/list-feed.ts'
import type { LocalPipeline } from '../replica/replica.ts'

export interface ListRow {
  readonly id: string
  readonly name: string
  readonly teamId: string | null
  readonly status: 'active' | 'archived'
  /** Milliseconds since 1970; null for a pipeline that the server has not listed. */
  readonly updatedAt: number | null
  readonly updatedBy: string | null
  readonly steps: number | null
  readonly conflicts: number
  /** Gestures that the server has not acknowledged. */
  readonly pending: number
  /** Whether a copy is on this device, so that it opens with the network off. */
  readonly onDevice: boolean
  /** `server`: the server lists it; `unsent`: it was made here; `device`: only a copy is known. */
  readonly origin: 'server' | 'unsent' | 'device'
}

/**
 * Every pipeline once. What this device has not sent yet wins over the server's name, since that is
 * what the person sees in the editor. First what is unsent, then the last changed.
 */
export function listRows(
  listed: readonly ListedPipeline[],
  local: readonly LocalPipeline[],
): ListRow[] {
  const localById = new Map(local.map((pipeline) => [pipeline.id as string, pipeline]))
  const rows = listed.map((pipeline): ListRow => {
    const copy = localById.get(pipeline.id)
    localById.delete(pipeline.id)
    const pending = copy?.pendingGestures ?? 0
    return {
      id: pipeline.id,
      name: pending > 0 && copy?.name ? copy.name : pipeline.name,
      teamId: pipeline.teamId,
      status: pipeline.status,
      updatedAt: pipeline.updatedAt,
      updatedBy: pipeline.updatedBy,
      steps: pipeline.steps,
      conflicts: pipeline.conflicts,
      pending,
      onDevice: copy !== undefined,
      origin: 'server',
    }
  })
  for (const copy of localById.values()) rows.push(rowOfCopy(copy))
  return rows.sort(unsentFirstThenLatest)
}

function rowOfCopy(copy: LocalPipeline): ListRow {
  return {
    id: copy.id,
    name: copy.name,
    teamId: copy.teamId,
    status: 'active',
    updatedAt: null,
    updatedBy: null,
    steps: null,
    conflicts: 0,
    pending: copy.pendingGestures,
    onDevice: true,
    origin: copy.unsent ? 'unsent' : 'device',
  }
}

function unsentFirstThenLatest(a: ListRow, b: ListRow): number {
  if ((a.origin === 'unsent') !== (b.origin === 'unsent')) return a.origin === 'unsent' ? -1 : 1
  const byTime = (b.updatedAt ?? 0) - (a.updatedAt ?? 0)
  return byTime !== 0 ? byTime : a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1)
}

/** The rows whose name holds every word of the search, in any case. */
export function searchRows(rows: readonly ListRow[], search: string): readonly ListRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter(({ name }) => {
    const text = name.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
