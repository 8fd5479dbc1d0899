/** One field's input: the text of the person's draft, when it is written, and when they must choose. */
import { computed, onBeforeUnmount } from 'vue'
import type { JsonValue } from '../../domain/json.ts'
import { shownValue, type Register } from '../../domain/pipeline/register.ts'
import { beginDraft, commitDraft, meetWrites } from '../components/inspector/field-draft.ts'
import type { Reading } from '../components/inspector/field-input.ts'
import { useDrafts } from '../stores/drafts.ts'

export interface FieldDraftOptions {
  /** Names the field among all that can be edited: `<stepId>/<field>`. */
  readonly key: string
  readonly register: () => Register | undefined
  readonly toText: (value: JsonValue | undefined) => string
  readonly fromText: (text: string) => Reading
  /** Writes a value; answers whether it was taken. */
  readonly write: (value: JsonValue | undefined) => Promise<boolean>
}

export function useFieldDraft(options: FieldDraftOptions) {
  const { key } = options
  const drafts = useDrafts()
  const draft = computed(() => {
    const held = drafts.get(key)
    return held && meetWrites(held, options.register())
  })
  const text = computed(() => draft.value?.text ?? options.toText(shownValue(options.register())))
  const reading = computed(() => (draft.value ? options.fromText(draft.value.text) : null))
  const error = computed(() => (reading.value?.ok === false ? reading.value.message : null))
  /** Somebody else's write that arrived while this draft was open. */
  const theirs = computed(() => draft.value?.theirs ?? null)

  function input(next: string): void {
    const started = draft.value ?? beginDraft(options.register(), next)
    drafts.set(key, { ...started, text: next })
  }

  /** Leaves the field: writes the draft, or keeps it where the person must choose or correct. */
  async function commit(): Promise<void> {
    if (!draft.value || !reading.value?.ok) return
    const { outcome } = commitDraft(draft.value, reading.value.value)
    if (outcome === 'choose') drafts.set(key, draft.value)
    else if (outcome === 'unchanged') discard()
    else await keepMine()
  }

  /** Writes the draft whatever stands there now. */
  async function keepMine(): Promise<void> {
    const held = draft.value
    if (!held || !reading.value?.ok) return
    const { value } = reading.value
    discard()
    const taken = await options.write(value)
    // Refused: the text stays in the field, and a message says why.
    if (!taken && !drafts.get(key)) drafts.set(key, held)
  }

  function discard(): void {
    drafts.set(key, null)
  }

  // Another step is selected, or the panel is closed: leaving is committing, as with a blur.
  onBeforeUnmount(() => void commit())

  const isOpen = computed(() => draft.value !== null)

  return { text, error, theirs, isOpen, input, commit, keepMine, discard }
}
