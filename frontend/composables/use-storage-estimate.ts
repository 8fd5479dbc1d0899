import { onMounted, shallowRef, type Ref } from 'vue'
import type { StorageEstimate } from '../words/storage-words.ts'

/** Asks the browser once, when the component is shown. */
export function useStorageEstimate(): Ref<StorageEstimate> {
  const answer = shallowRef<StorageEstimate>({ usedBytes: null, quotaBytes: null, persisted: null })
  onMounted(async () => {
    // Only offered in a secure context.
    const manager = navigator.storage as StorageManager | undefined
    const [estimate, persisted] = await Promise.all([
      manager?.estimate().catch(() => null),
      manager?.persisted().catch(() => null),
    ])
    answer.value = {
      usedBytes: estimate?.usage ?? null,
      quotaBytes: estimate?.quota ?? null,
      persisted: persisted ?? null,
    }
  })
  return answer
}
