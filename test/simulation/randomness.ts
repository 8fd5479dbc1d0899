/** All chance in a simulation: one seed, one sequence. */
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export class Randomness {
  readonly #generator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return uniformInt(this.#generator, from, to)
  }

  /** True once in so many times; never for 0. */
  oneIn(times: number): boolean {
    return times > 0 && this.between(1, times) === 1
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from')
    return items[this.between(0, items.length - 1)]!
  }

  /** So many characters of a-z and 0-9. */
  letters(count: number): string {
    const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
    return Array.from({ length: count }, () => alphabet[this.between(0, 35)]).join('')
  }

  uuid(): string {
    const hex = Array.from({ length: 4 }, () =>
      this.between(0, 0xffffffff).toString(16).padStart(8, '0'),
    ).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}
