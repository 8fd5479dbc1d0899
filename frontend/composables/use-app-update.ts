/// <reference types="vite-plugin-pwa/vue" />
/** A new version of the editor, offered once reloading loses nothing. */
import { computed } from 'vue'
import { useRegisterSW } from 'virtual:pwa-register/vue'
import { useDevice } from '../stores/device.ts'
import { useDrafts } from '../stores/drafts.ts'
import { mayReload } from './may-reload.ts'

/** How often a page that stays open asks for a new version: once an hour. */
const ASK_EVERY_MS = 60 * 60_000

export function useAppUpdate() {
  const device = useDevice()
  const drafts = useDrafts()
  const { needRefresh, updateServiceWorker } = useRegisterSW({
    onRegisteredSW(_, registration) {
      if (!registration) return
      setInterval(() => void registration.update().catch(() => undefined), ASK_EVERY_MS)
    },
  })
  const offered = computed(() => needRefresh.value && mayReload(device.status, drafts.any))
  return { offered, reload: () => updateServiceWorker(true) }
}
