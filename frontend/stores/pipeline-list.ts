/** The list of pipelines: the server's, kept on this device for when it is offline, and the copies. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ListedPipeline } from '../api/list-feed.ts'
import type { LocalPipeline } from '../replica/replica.ts'
import { parsedJson } from '../session/parsed-json.ts'
import { useServices } from '../session/services.ts'
import { useDevice } from './device.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { listRows } from './list-rows.ts'
import { useSession } from './session.ts'

export const usePipelineList = defineStore('pipeline-list', () => {
  const { followList, storage } = useServices()
  const session = useSession()
  const device = useDevice()
  const listed = shallowRef<readonly ListedPipeline[]>([])
  const local = shallowRef<readonly LocalPipeline[]>([])
  /** Whether the server is being followed; null until that is known. */
  const live = ref<boolean | null>(null)
  /** Whether anything is known yet: from the server, or kept from the last visit. */
  const known = ref(false)

  const rows = computed(() => listRows(listed.value, local.value))

  /** Follows the list until the answer is called. */
  function follow(): () => void {
    const userId = session.user?.id
    if (!userId) return () => undefined
    const kept = readList(storage.getItem(keyOf(userId)))
    known.value = kept !== null
    listed.value = kept ?? []
    const stops = [
      followList({
        onRows(next) {
          listed.value = next
          known.value = true
          storage.setItem(keyOf(userId), JSON.stringify(next))
        },
        onLive(now) {
          live.value = now
        },
      }),
      device.replica?.onStatus(() => void readLocal()) ?? (() => undefined),
    ]
    void readLocal()
    return () => {
      for (const stop of stops) stop()
      live.value = null
    }
  }

  /** The status changes with every edit; one reading after the last change is enough. */
  const readLocal = oneAtATime(async () => {
    local.value = (await device.replica?.localPipelines()) ?? []
  })

  return { rows, live, known, follow, readLocal }
})

const keyOf = (userId: string) => `tributary.list.${userId}`

function readList(text: string | null): readonly ListedPipeline[] | null {
  const list = parsedJson(text)
  return Array.isArray(list) ? (list as ListedPipeline[]) : null
}
