/** Keeps the page, the person's copy and the session in step, whatever ends or changes the session. */
import { useEventListener } from '@vueuse/core'
import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { SESSION_KEY } from '../session/kept-session.ts'
import { useDevice } from '../stores/device.ts'
import { usePeople } from '../stores/people.ts'
import { useSession } from '../stores/session.ts'

export function useSessionWatch(): void {
  const session = useSession()
  const device = useDevice()
  const people = usePeople()
  const route = useRoute()
  const router = useRouter()

  useEventListener(window, 'storage', ({ key }) => {
    // Null: everything was cleared.
    if (key === SESSION_KEY || key === null) session.reread()
  })

  watch(
    () => session.user?.id,
    async (userId) => {
      if (userId) return device.start(userId)
      await device.stop()
      await router.isReady()
      if (!route.meta.open) await router.push({ name: 'sign-in' })
    },
    { immediate: true },
  )

  watch(
    () => device.status?.connection,
    (connection) => connection === 'signed-out' && session.end(),
  )

  watch(
    () => session.kept?.token,
    async (token, before) => {
      if (!token) return
      // Signed in again: what waited for it goes out now.
      if (before === null) device.replica?.retryNow()
      await session.refresh()
      await people.refresh()
    },
    { immediate: true },
  )
}
