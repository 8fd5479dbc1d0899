import { computed, ref, watch, type ComputedRef } from 'vue'
import { connectionKey } from '../../domain/pipeline/effects.ts'
import type { ConnectionView } from '../../domain/pipeline/view.ts'

/** The path that keeps a connection suspended. */
export interface ShownPath {
  readonly suspended: ConnectionView
  /** Keys of the suspended connection and of those on the path. */
  readonly connections: ReadonlySet<string>
  readonly steps: ReadonlySet<string>
}

export interface PathShowing {
  readonly shownPath: ComputedRef<ShownPath | null>
  toggle(connection: ConnectionView): void
  /** False: none was shown. */
  hide(): boolean
}

export function useShownPath(
  connections: () => readonly ConnectionView[],
  changed: (path: ShownPath | null) => void,
): PathShowing {
  const key = ref<string | null>(null)
  const shownPath = computed(() => pathOf(key.value, connections()))
  watch(
    () => shownPath.value && connectionKey(shownPath.value.suspended),
    () => changed(shownPath.value),
  )
  return {
    shownPath,
    toggle(connection) {
      const wanted = connectionKey(connection)
      key.value = key.value === wanted ? null : wanted
    },
    hide() {
      const wasShown = shownPath.value !== null
      key.value = null
      return wasShown
    },
  }
}

/** Null where the connection is no longer suspended, or gone. */
export function pathOf(
  key: string | null,
  connections: readonly ConnectionView[],
): ShownPath | null {
  if (key === null) return null
  const suspended = connections.find(
    (connection) => connection.status === 'suspended' && connectionKey(connection) === key,
  )
  if (!suspended) return null
  const path = [suspended, ...(suspended.blockedBy ?? [])]
  return {
    suspended,
    connections: new Set(path.map(connectionKey)),
    steps: new Set(path.flatMap(({ from, to }) => [from.stepId, to.stepId])),
  }
}
