/**
 * The pending events of an open pipeline, and the steps and notes that those are about.
 *
 * An acknowledgement costs what it acknowledges, not what still waits: after a long time without a
 * network that is a hundred thousand events, and every hundred of them make a change on the screen.
 */
import type { PipelineEvent } from '../../domain/events/event.ts'

export class PendingEdits {
  readonly #ids = new Set<string>()
  /** What each event is about, where that is a step or a note. */
  readonly #thingOf = new Map<string, string>()
  /** How many events are about each. */
  readonly #counts = new Map<string, number>()
  #things: ReadonlySet<string> | null = null

  /** Advanced in place. */
  get ids(): ReadonlySet<string> {
    return this.#ids
  }

  /** Another set whenever there is one more or one less, and else the same: views compare. */
  get things(): ReadonlySet<string> {
    return (this.#things ??= new Set(this.#counts.keys()))
  }

  add(events: readonly PipelineEvent[]): void {
    for (const event of events) {
      if (this.#ids.has(event.id)) continue
      this.#ids.add(event.id)
      const thing = canvasItemOf(event)
      if (thing === null) continue
      this.#thingOf.set(event.id, thing)
      this.#count(thing, 1)
    }
  }

  delete(ids: Iterable<string>): void {
    for (const id of ids) {
      const thing = this.#thingOf.get(id)
      if (this.#ids.delete(id) && thing !== undefined) this.#count(thing, -1)
      this.#thingOf.delete(id)
    }
  }

  clear(): void {
    this.#ids.clear()
    this.#thingOf.clear()
    this.#counts.clear()
    this.#things = null
  }

  #count(thing: string, more: 1 | -1): void {
    const before = this.#counts.get(thing) ?? 0
    const count = before + more
    if (count > 0) this.#counts.set(thing, count)
    else this.#counts.delete(thing)
    if (before === 0 || count === 0) this.#things = null
  }
}

/** The id of the step or note that an event is about; null for anything else. */
function canvasItemOf({ payload }: PipelineEvent): string | null {
  const { stepId, noteId } = payload as { stepId?: string; noteId?: string }
  return stepId ?? noteId ?? null
}
