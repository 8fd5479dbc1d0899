/** What was started, to be ended in the reverse order, within a bound of time. */
export interface ClosingOrder {
  /** Registers how to end what has just been started. */
  add(name: string, close: () => Promise<void> | void): void
  /** Ends everything; what fails or takes too long is told and left behind. */
  closeAll(): Promise<void>
}

export interface ClosingBounds {
  /** Milliseconds for everything together. */
  readonly totalMs: number
  /** Milliseconds that no single close may take from the others. */
  readonly eachMs: number
}

export function createClosingOrder(
  { totalMs, eachMs }: ClosingBounds,
  onFailure: (name: string, error: unknown) => void,
): ClosingOrder {
  const entries: { name: string; close: () => Promise<void> | void }[] = []
  return {
    add: (name, close) => void entries.push({ name, close }),
    async closeAll() {
      const deadline = performance.now() + totalMs
      for (let entry = entries.pop(); entry; entry = entries.pop()) {
        const { name, close } = entry
        const left = Math.max(0, deadline - performance.now())
        const boundMs = entries.length === 0 ? left : Math.min(left, eachMs)
        await within(boundMs, async () => close()).catch((error: unknown) => onFailure(name, error))
      }
    },
  }
}

async function within(ms: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${Math.round(ms)} ms.`)), ms)
  })
  try {
    await Promise.race([work(), overdue])
  } finally {
    clearTimeout(timer)
  }
}
