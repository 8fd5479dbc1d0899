import { setTimeout as sleep } from 'node:timers/promises'
import type { Postmaster } from './postmaster.ts'

/** Before each of the first tries. */
const RESTART_DELAYS_MS = [0, 500, 1_000, 2_000, 5_000, 10_000]
/** Before all others, without end: a person may be freeing the disk meanwhile. */
const LONGEST_DELAY_MS = 30_000
/** A server that ran this long is well: the next end is a new story. */
const WELL_AFTER_MS = 60_000

export interface Supervisor {
  /** Ends the server, or the try to start it again, for good. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  abandon(): void
}

/**
 * Starts the server again whenever it ends by itself, for as long as it takes.
 * @param start starts it on the same port, after clearing away what the last one left
 */
export function superviseServer(
  first: Postmaster,
  start: (signal: AbortSignal) => Promise<Postmaster>,
  log: (line: string) => void,
): Supervisor {
  const stopped = new AbortController()
  let current: Postmaster | null = first
  let startedAt = performance.now()
  let tries = 0

  async function startAgain(): Promise<void> {
    while (current === null && !stopped.signal.aborted) {
      await sleep(delayBefore(tries++), undefined, { signal: stopped.signal, ref: false })
      try {
        const next = await start(stopped.signal)
        if (stopped.signal.aborted) return await next.stop()
        current = next
        startedAt = performance.now()
        log('Postgres is running again.')
      } catch (error) {
        stopped.signal.throwIfAborted()
        const seconds = delayBefore(tries) / 1_000
        log(`${error instanceof Error ? error.message : error} Tried again in ${seconds} s.`)
      }
    }
  }

  async function watch(): Promise<void> {
    while (current !== null) {
      const how = await current.ended
      if (stopped.signal.aborted) return
      current = null
      if (performance.now() - startedAt > WELL_AFTER_MS) tries = 0
      log(`Postgres ended unexpectedly (${how}). It is started again.`)
      await startAgain()
    }
  }

  const watching = watch().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error
  })
  return {
    async stop(how) {
      stopped.abort()
      await current?.stop(how)
      await watching
    },
    abandon() {
      stopped.abort()
      current?.abandon()
    },
  }
}

function delayBefore(tries: number): number {
  return RESTART_DELAYS_MS[tries] ?? LONGEST_DELAY_MS
}
