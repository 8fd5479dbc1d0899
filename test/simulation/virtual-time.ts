/**
 * Time that passes only when the simulation says so: every timer of this process stands still until
 * its turn, and what one timer sets off is over before the next one fires.
 *
 * What follows from a timer runs in microtasks, which Node runs in the order they were queued; so
 * with one order of timers there is one order of everything.
 */
import sinon, { type SinonFakeTimers } from 'sinon'
import { EVENTS_START_MS } from '../support/events.ts'

export class VirtualTime {
  readonly #clock: SinonFakeTimers
  /** Work outside of this process that must be over before time goes on, such as a query. */
  #outside = 0

  private constructor(clock: SinonFakeTimers) {
    this.#clock = clock
  }

  /** Takes over the timers of this process until `end`. */
  static begin(): VirtualTime {
    return new VirtualTime(
      sinon.useFakeTimers({
        now: EVENTS_START_MS,
        toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
      }),
    )
  }

  end(): void {
    this.#clock.restore()
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#clock.now

  readonly sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    do await new Promise<void>((done) => setImmediate(done))
    while (this.#outside > 0)
  }

  /** Goes on to the next timer, and lets everything happen that it sets off. */
  async step(): Promise<void> {
    this.#clock.next()
    await this.settle()
  }

  /** Work that takes real time, and none of the simulation's. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside += 1
    try {
      return await work
    } finally {
      this.#outside -= 1
    }
  }
}
