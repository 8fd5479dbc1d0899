import { computed, type ComputedRef } from 'vue'
import { useEditor } from '../stores/editor.ts'

/** Why there is no pipeline to see; null where there is one, or it is on its way. */
export function useAbsence(): ComputedRef<'not-found' | 'not-on-device' | null> {
  const editor = useEditor()
  return computed(() =>
    editor.status === 'not-found' || editor.status === 'not-on-device' ? editor.status : null,
  )
}
