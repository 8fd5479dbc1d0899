/** Past states of a pipeline: a copy of the state each so many events, and the rest replayed. */
import type { PipelineEvent } from '../../../domain/events/event.ts'
import { evolve, evolveAll } from '../../../domain/pipeline/evolve.ts'
import { forkState, initialState, type PipelineState } from '../../../domain/pipeline/state.ts'
import type { PipelineId } from '../../../domain/ids.ts'

/** How many events lie between two copies, unless it is said otherwise. */
const EVERY = 1_000

export class Timeline {
  readonly #every: number
  readonly #events: PipelineEvent[] = []
  readonly #latest: PipelineState
  /** The state after 0, `every`, 2 * `every`... events. */
  readonly #copies: PipelineState[]

  constructor(id: PipelineId, every = EVERY) {
    this.#every = every
    this.#latest = initialState(id)
    this.#copies = [initialState(id)]
  }

  append(event: PipelineEvent): void {
    this.#events.push(event)
    evolve(this.#latest, event)
    if (this.#events.length % this.#every === 0) this.#copies.push(forkState(this.#latest))
  }

  /** @param revision how many events the state has */
  stateAt(revision: number): PipelineState {
    const at = Math.floor(revision / this.#every)
    const rest = this.#events.slice(at * this.#every, revision)
    return evolveAll(forkState(this.#copies[at]!), rest)
  }
}
