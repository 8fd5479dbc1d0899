/** What the canvas asks of the inspector beside it: to take the focus. */
import { until } from '@vueuse/core'
import { inject, nextTick, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'

const INSPECTOR: InjectionKey<ShallowRef<HTMLElement | null>> = Symbol('inspector')

/** Another tab gives way to the inspector, or a sheet comes up. */
const PATIENCE_MS = 1000

/** For the page that holds both. */
export function provideInspector(): void {
  provide(INSPECTOR, shallowRef(null))
}

export function useInspector() {
  const element = inject(INSPECTOR)
  if (!element) throw new Error('the inspector is asked for where there is none')

  /**
   * Once the panel is there and shows what was selected. A field that cannot be edited can be read.
   */
  async function focusFirstField(): Promise<void> {
    await until(element!).toBeTruthy({ timeout: PATIENCE_MS })
    await nextTick()
    element!.value?.querySelector<HTMLElement>('input, select, textarea')?.focus()
  }

  return { element, focusFirstField }
}
