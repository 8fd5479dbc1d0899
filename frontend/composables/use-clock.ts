import { createSharedComposable, useNow } from '@vueuse/core'
import { computed, type ComputedRef } from 'vue'

const sharedNow = createSharedComposable(() => useNow({ interval: 15_000 }))

/** Milliseconds since 1970, brought up to date every 15 seconds; for texts such as "2 min ago". */
export function useClock(): ComputedRef<number> {
  const now = sharedNow()
  return computed(() => now.value.getTime())
}
