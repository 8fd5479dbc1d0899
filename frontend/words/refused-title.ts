import type { PipelineEvent } from '../../domain/events/event.ts'
import { shortened, valueWords } from './value-words.ts'
import type { JsonValue } from '../../domain/json.ts'
import { keyLabel } from './field-label.ts'

/** What an edit tried to do, from the edit alone: its pipeline may not be here any more. */
export function refusedTitle(event: PipelineEvent): string {
  const { name, key, value, text, body, label } = event.payload as Record<string, JsonValue>
  const said = [name, label, text, body].find((one) => typeof one === 'string' && one !== '')
  const what = event.type.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  const title = what.charAt(0).toUpperCase() + what.slice(1)
  if (typeof key === 'string') return `${title}: ${keyLabel(key)} ${valueWords(value, 40)}`
  return typeof said === 'string' ? `${title}: ${shortened(said, 40)}` : title
}
