/** The history of a pipeline as far as this device has it or can fetch it, oldest first. */
import type { PipelineId, Revision } from '../../domain/ids.ts'
import { evolve, isReady } from '../../domain/pipeline/evolve.ts'
import { describeEvent } from '../../domain/pipeline/history.ts'
import { restoreSnapshot } from '../../domain/pipeline/snapshot.ts'
import { initialState } from '../../domain/pipeline/state.ts'
import type { LocalEvent, LocalStore } from './local-store.ts'
import type { HistoryItem } from './replica.ts'
import { confirmedEvent } from './stored-pipeline.ts'
import type { PipelineApi } from './transport.ts'

/** Events per request when older history is fetched. */
const PAGE = 1_000

export async function readHistory(
  id: PipelineId,
  store: LocalStore,
  api: PipelineApi,
): Promise<readonly HistoryItem[]> {
  await fetchOlder(id, store, api)
  return store.read(async (tx) => {
    const all = [...(await tx.confirmed(id, 0 as Revision)), ...(await tx.unconfirmed(id))]
    const kept = await tx.snapshot(id)
    const isWhole = (all[0]?.revision ?? 0) <= 1
    const state = (!isWhole && kept && restoreSnapshot(kept.snapshot)) || initialState(id)
    const items: HistoryItem[] = []
    for (const { event, recordedAt } of all) {
      if (!isReady(state, event)) continue
      items.push({ ...describeEvent(state, event), ...(recordedAt && { recordedAt }) })
      evolve(state, event)
    }
    return items
  })
}

/** Fetches what lies before this device's snapshot, once; without a network it stays unknown. */
async function fetchOlder(id: PipelineId, store: LocalStore, api: PipelineApi): Promise<void> {
  const first = await store.read(async (tx) => {
    const kept = await tx.snapshot(id)
    const [oldest] = kept ? await tx.confirmed(id, 0 as Revision) : []
    return kept ? { has: oldest?.revision ?? kept.revision + 1, until: kept.revision } : null
  })
  if (!first || first.has <= 1) return
  try {
    const older: LocalEvent[] = []
    for (let after = 0; after < first.until; after = older.at(-1)!.revision) {
      const page = await api.events(id, after as Revision, PAGE)
      if (page.length === 0) return
      older.push(...page.map(confirmedEvent))
    }
    await store.write((tx) => tx.putEvents(older))
  } catch {
    // Without a network the history begins where this device's copy does.
  }
}
