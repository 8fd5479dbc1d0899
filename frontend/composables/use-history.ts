/** The history of the open pipeline, read again when the pipeline changes. */
import { watchDebounced } from '@vueuse/core'
import { computed, onMounted, ref, shallowRef } from 'vue'
import { useEditor } from '../stores/editor.ts'
import { groupByGesture } from '../words/history-sentence.ts'
import type { HistoryItem } from '../replica/replica.ts'

export function useHistory() {
  const editor = useEditor()
  const entries = shallowRef<readonly HistoryItem[] | null>(null)
  const failed = ref(false)
  let asked = 0

  async function read(): Promise<void> {
    const turn = ++asked
    try {
      const answer = await editor.open?.history()
      if (turn !== asked) return
      entries.value = answer ?? []
      failed.value = false
    } catch {
      if (turn === asked) failed.value = entries.value === null
    }
  }

  onMounted(read)
  watchDebounced(() => [editor.id, editor.changes], read, { debounce: 250, maxWait: 1000 })

  return {
    groups: computed(() => entries.value && groupByGesture(entries.value)),
    failed,
    read,
  }
}
