/**
 * Work that is asked for more often than it takes: one run at a time, and one more where it was
 * asked for while it ran.
 */
export class OnceMore {
  readonly #work: () => Promise<void>
  #running: Promise<void> | null = null
  #again = false

  /** @param work one that fails counts as done: it is asked for again soon enough */
  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Resolves when the run under way is over. */
  ask(): Promise<void> {
    if (this.#running) {
      this.#again = true
      return this.#running
    }
    const done = () => {
      this.#running = null
      if (!this.#again) return
      this.#again = false
      void this.ask()
    }
    this.#running = this.#work().then(done, done)
    return this.#running
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    await this.#running
  }
}
