import { CONFIG_PREFIX } from '../../domain/pipeline/effects.ts'
import { words } from '../catalogue/words.ts'
import type { CanvasPresence } from './intents.ts'

/** Who is at which step or note: those with a field of it open first, then those who selected it. */
export function presenceByThing(
  presence: readonly CanvasPresence[],
): ReadonlyMap<string, readonly CanvasPresence[]> {
  const editing = new Map<string, CanvasPresence[]>()
  const selecting = new Map<string, CanvasPresence[]>()
  for (const person of presence) {
    const at = editedThing(person)
    if (at !== null) put(editing, at, person)
    for (const id of person.selection ?? []) if (id !== at) put(selecting, id, person)
  }
  for (const [id, people] of selecting) editing.set(id, [...(editing.get(id) ?? []), ...people])
  return editing
}

/** "editing Prompt" where somebody has a field open, else who it is. */
export function presenceLabel(person: CanvasPresence, thingId: string): string {
  if (editedThing(person) !== thingId) return person.name
  const field = person.editing!.slice(thingId.length + 1)
  return `editing ${words(field.startsWith(CONFIG_PREFIX) ? field.slice(CONFIG_PREFIX.length) : field)}`
}

function editedThing({ editing }: CanvasPresence): string | null {
  if (!editing) return null
  const slash = editing.indexOf('/')
  return slash < 0 ? null : editing.slice(0, slash)
}

function put<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}
