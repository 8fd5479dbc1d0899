/**
 * The life of one process: a tab, or a server. Everything it does to the world passes through here,
 * so that a frozen one does nothing until it is awake, and a killed one nothing any more, at
 * whatever point of its program it is.
 */
export class Life {
  #isAlive = true
  #thaw: (() => void) | null = null
  #frozen: Promise<void> | null = null
  readonly #mourners: (() => void)[] = []

  get isAlive(): boolean {
    return this.#isAlive
  }

  get isFrozen(): boolean {
    return this.#frozen !== null
  }

  freeze(): void {
    this.#frozen ??= new Promise((resolve) => (this.#thaw = resolve))
  }

  thaw(): void {
    this.#frozen = null
    this.#thaw?.()
  }

  end(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    this.thaw()
    for (const mourner of this.#mourners.splice(0)) mourner()
  }

  /** Calls back at the end, once. */
  onEnd(mourner: () => void): void {
    if (this.#isAlive) this.#mourners.push(mourner)
    else mourner()
  }

  /** Resolves when it is awake; never once it has ended. */
  async pass(): Promise<void> {
    while (this.#frozen) await this.#frozen
    if (!this.#isAlive) await new Promise<never>(() => undefined)
  }
}
