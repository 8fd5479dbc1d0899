/** Asks the browser to keep what is stored, and warns before a page is left that is all there is. */
import { useEventListener } from '@vueuse/core'
import { watch } from 'vue'
import { useDevice } from '../stores/device.ts'

export function useSafekeeping(): void {
  const device = useDevice()

  // Not at load: some browsers ask the person, who should have something to keep by then.
  const stop = watch(
    () => device.pending > 0,
    (edited) => {
      if (!edited) return
      stop()
      const manager = navigator.storage as StorageManager | undefined
      manager?.persist().catch(() => undefined)
    },
  )

  useEventListener(window, 'beforeunload', (event) => {
    const { status } = device
    if (status && status.storage !== 'durable' && status.pendingEvents > 0) event.preventDefault()
  })
}
