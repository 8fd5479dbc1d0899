/** A form that is sent once at a time, and says inline why it was refused. */
import { ref } from 'vue'
import { sentenceOf } from '../api/api-error.ts'

export function useForm(send: () => Promise<void>) {
  const error = ref<string | null>(null)
  const busy = ref(false)

  async function submit(): Promise<void> {
    if (busy.value) return
    busy.value = true
    error.value = null
    try {
      await send()
    } catch (refusal) {
      error.value = sentenceOf(refusal)
    } finally {
      busy.value = false
    }
  }

  return { error, busy, submit }
}
