import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until the answer is yes. The answers come from other processes, which notify nobody.
 * @returns true as soon as `check` does, false when `timeoutMs` have passed
 * @throws the reason of `signal` once it is aborted
 */
export async function waitUntil(
  check: () => boolean | Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    if (await check()) return true
    if (performance.now() >= deadline) return false
    await sleep(POLL_MS)
  }
}

/** Short against a start of Postgres (50 ms at best), long against the cost of one look. */
const POLL_MS = 10
