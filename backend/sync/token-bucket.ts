/** Lets a steady rate through, with a burst of one second's worth. */
export interface TokenBucket {
  /** Takes one token: null when there was one, else how many milliseconds to wait. */
  take(): number | null
}

/** @param now milliseconds since 1970, or any clock that runs forward */
export function createTokenBucket(perSecond: number, now: () => number): TokenBucket {
  let tokens = perSecond
  let last = now()
  return {
    take() {
      const time = now()
      tokens = Math.min(perSecond, tokens + (Math.max(0, time - last) * perSecond) / 1000)
      last = time
      if (tokens < 1) return Math.ceil(((1 - tokens) * 1000) / perSecond)
      tokens -= 1
      return null
    },
  }
}
