/** The signed-in person's copy on this device, and where it stands with the server. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { RefusedEdit, Replica, SyncStatus } from '../replica/replica.ts'
import { useServices } from '../session/services.ts'

export const useDevice = defineStore('device', () => {
  const { openReplica } = useServices()
  const replica = shallowRef<Replica | null>(null)
  const status = shallowRef<SyncStatus | null>(null)
  const refused = shallowRef<readonly RefusedEdit[]>([])
  /** Why the copy could not be opened at all. */
  const failure = shallowRef<unknown>(null)
  let opening: { userId: string; done: Promise<void> } | null = null
  let stopWatching: (() => void) | null = null

  /** Opens the copy of a person; that of another is closed first. */
  function start(userId: string): Promise<void> {
    if (opening?.userId === userId) return opening.done
    const after = stop()
    const done = after.then(() => open(userId))
    opening = { userId, done }
    return done
  }

  async function open(userId: string): Promise<void> {
    failure.value = null
    try {
      const opened = await openReplica(userId)
      if (opening?.userId !== userId) return await opened.stop()
      replica.value = opened
      status.value = opened.status
      stopWatching = opened.onStatus((now) => {
        const before = status.value?.refusedGestures
        status.value = now
        if (now.refusedGestures !== before) void readRefused()
      })
      await readRefused()
    } catch (error) {
      failure.value = error
      opening = null
    }
  }

  async function stop(): Promise<void> {
    const last = replica.value
    stopWatching?.()
    stopWatching = null
    opening = null
    replica.value = status.value = null
    refused.value = []
    await last?.stop()
  }

  async function readRefused(): Promise<void> {
    refused.value = (await replica.value?.refusedEdits()) ?? []
  }

  async function dismiss(edits: readonly RefusedEdit[]): Promise<void> {
    await replica.value?.dismissRefused(edits.map(({ event }) => event.id))
    await readRefused()
  }

  const pending = computed(() => status.value?.pendingGestures ?? 0)

  return { replica, status, refused, failure, pending, start, stop, dismiss }
})
