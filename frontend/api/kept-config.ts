/** The server's public settings, kept so that the device's copy opens with the network off. */
import { z } from 'zod'
import { parsedJson } from '../session/parsed-json.ts'
import type { KeyValueStorage } from '../session/safe-storage.ts'
import type { Api } from './api.ts'

const KEY = 'tributary.config'

const syncConfig = z.object({
  syncBatchSize: z.int().min(1),
  maxOfflineQueue: z.int().min(1),
  retryIntervals: z.array(z.number().min(0)).min(1),
})
export type SyncConfig = z.infer<typeof syncConfig>

/** What holds on a device that has never reached its server; the server's own defaults. */
const DEFAULTS: SyncConfig = {
  syncBatchSize: 100,
  maxOfflineQueue: 100_000,
  retryIntervals: [1000, 2000, 5000, 10_000, 30_000],
}

/** How long opening the copy waits for the server before it takes what is kept. */
const PATIENCE_MS = 1500

/** The server's settings; those of the last visit where it does not answer soon. */
export async function readSyncConfig(
  api: Pick<Api, 'config'>,
  storage: KeyValueStorage,
): Promise<SyncConfig> {
  const kept = syncConfig.safeParse(parsedJson(storage.getItem(KEY)))
  const asked = api.config().then(
    (answer) => {
      const config = syncConfig.parse(answer)
      storage.setItem(KEY, JSON.stringify(config))
      return config
    },
    () => null,
  )
  // What is kept is as good as new: these settings hardly ever change, and opening must not wait.
  if (kept.success) return kept.data
  const soon = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null))
  return (await Promise.race([asked.catch(() => null), soon])) ?? DEFAULTS
}
