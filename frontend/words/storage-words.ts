import type { SyncStatus } from '../replica/replica.ts'

/** What the browser says of this site's storage; null where it does not say. */
export interface StorageEstimate {
  readonly usedBytes: number | null
  readonly quotaBytes: number | null
  /** Whether the browser promised not to clear it by itself. */
  readonly persisted: boolean | null
}

/** How safe the copy on this device is, in one or two sentences. */
export function storageWords(storage: SyncStatus['storage'], estimate: StorageEstimate): string {
  if (storage === 'memory') return 'Nothing: this browser does not allow it.'
  if (storage === 'failed') return 'No more room: new edits are not stored.'
  const { usedBytes, quotaBytes, persisted } = estimate
  const used =
    usedBytes === null || quotaBytes === null
      ? 'Your pipelines and edits.'
      : `${sizeWords(usedBytes)} of ${sizeWords(quotaBytes)} used.`
  if (persisted === null) return used
  return persisted
    ? `${used} The browser keeps it until you clear it.`
    : `${used} The browser may clear it when space runs short.`
}

/** "312 KB", "4.2 MB", "1.5 GB". */
export function sizeWords(bytes: number): string {
  const units = ['KB', 'MB', 'GB']
  let size = bytes / 1000
  let unit = 0
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`
}
