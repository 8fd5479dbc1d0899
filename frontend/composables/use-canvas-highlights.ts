/** What the canvas outlines because a panel points at it: by step id or connection key. */
import { computed, type ComputedRef } from 'vue'
import { connectionKey } from '../../domain/pipeline/effects.ts'
import type { Highlight } from '../canvas/intents.ts'
import { useUi } from '../stores/ui.ts'

export function useCanvasHighlights(): ComputedRef<ReadonlyMap<string, Highlight>> {
  const ui = useUi()
  return computed(() => {
    const found = new Map<string, Highlight>()
    for (const ends of ui.shownPath ?? []) {
      found.set(connectionKey(ends), 'found')
      found.set(ends.from.stepId, 'found').set(ends.to.stepId, 'found')
    }
    return found
  })
}
