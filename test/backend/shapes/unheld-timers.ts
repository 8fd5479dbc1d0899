/** The Electric client notes what it saw within a minute, and holds a Node process until then. */
const LONG_MS = 30_000

/**
 * Makes timers of half a minute and more let the process end, before and after the tests of the
 * suite that calls it: the client's own timer cannot be reached.
 */
export function unholdLongTimers(): void {
  const real = globalThis.setTimeout

  before(() => {
    const unheld = (...args: Parameters<typeof setTimeout>) => {
      const timer = real(...args)
      return (args[1] ?? 0) >= LONG_MS ? timer.unref() : timer
    }
    globalThis.setTimeout = Object.assign(unheld, real) as typeof setTimeout
  })
  after(() => {
    globalThis.setTimeout = real
  })
}
