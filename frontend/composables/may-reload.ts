import type { SyncStatus } from '../replica/replica.ts'

/** Whether a reload loses nothing: no text half typed, and no edit that is in this page only. */
export function mayReload(status: SyncStatus | null, hasDrafts: boolean): boolean {
  if (hasDrafts) return false
  if (!status || status.pendingEvents === 0) return true
  return status.storage === 'durable' && !status.sending
}
