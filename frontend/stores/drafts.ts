/**
 * Text that somebody has typed and not committed, by field. It outlives the input: a draft that is
 * challenged or not valid yet is still there when the person comes back to the step.
 */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { FieldDraft } from '../components/inspector/field-draft.ts'

export const useDrafts = defineStore('drafts', () => {
  const drafts = shallowRef<ReadonlyMap<string, FieldDraft>>(new Map())

  const get = (key: string): FieldDraft | null => drafts.value.get(key) ?? null

  function set(key: string, draft: FieldDraft | null): void {
    const next = new Map(drafts.value)
    if (draft) next.set(key, draft)
    else next.delete(key)
    drafts.value = next
  }

  const any = computed(() => drafts.value.size > 0)

  return { get, set, any }
})
