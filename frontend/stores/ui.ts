/** How the editor is arranged: which panel is open, the theme, and what is asked for in passing. */
import { defineStore } from 'pinia'
import { ref, shallowRef, watchEffect } from 'vue'
import type { ConnectionEnds } from '../../domain/events/pipeline-events.ts'
import type { DroppedWire } from '../canvas/intents.ts'
import { useServices } from '../session/services.ts'

export type Theme = 'system' | 'light' | 'dark'
export type EditorTab = 'edit' | 'history' | 'conflicts'
export type OpenDialog = 'help' | 'device' | 'tag' | null

const THEME_KEY = 'tributary.theme'

export const useUi = defineStore('ui', () => {
  const { storage } = useServices()
  const theme = ref<Theme>(readTheme(storage.getItem(THEME_KEY)))
  const tab = ref<EditorTab>('edit')
  const dialog = ref<OpenDialog>(null)
  /** The window's title while a page has one of its own, such as a pipeline's name. */
  const title = ref<string | null>(null)
  /** On a narrow screen: what lies over the canvas. */
  const sheet = ref<'palette' | 'inspector' | null>(null)
  /** The step whose history is shown; null for that of the whole pipeline. */
  const historyOf = ref<string | null>(null)
  /** A wire that was let go over empty canvas: the next step that is added is connected to it. */
  const pendingWire = shallowRef<DroppedWire | null>(null)
  /** The path that stands in a connection's way, while it is shown on the canvas. */
  const shownPath = shallowRef<readonly ConnectionEnds[] | null>(null)

  function setTheme(next: Theme): void {
    theme.value = next
    storage.setItem(THEME_KEY, next)
  }

  watchEffect(() => {
    if (typeof document === 'undefined') return
    if (theme.value === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme.value
  })

  function showHistoryOf(stepId: string | null): void {
    historyOf.value = stepId
    tab.value = 'history'
  }

  /** Another pipeline is opened: what was asked for in passing is over. */
  function reset(): void {
    tab.value = 'edit'
    dialog.value = sheet.value = historyOf.value = pendingWire.value = shownPath.value = null
  }

  return {
    theme,
    tab,
    dialog,
    title,
    sheet,
    historyOf,
    pendingWire,
    shownPath,
    reset,
    setTheme,
    showHistoryOf,
  }
})

function readTheme(kept: string | null): Theme {
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}
