import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

export interface RateLimiter {
  /** Counts an attempt; how long to wait, in milliseconds, where there were too many, else null. */
  count(key: string): Promise<number | null>
}

/** Takes so many attempts a minute for each key, counted in this process. */
export function perMinute(attempts: number): RateLimiter {
  const limiter = new RateLimiterMemory({ points: attempts, duration: 60 })
  return {
    async count(key) {
      try {
        await limiter.consume(key)
        return null
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return refused.msBeforeNext
        throw refused
      }
    },
  }
}
