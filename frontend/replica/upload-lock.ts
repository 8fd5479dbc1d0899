/**
 * One tab at a time uploads: the one that holds this lock.
 *
 * A frozen tab keeps its Web Lock, and must not keep the others from uploading: a holder shows signs
 * of life over the tabs' channel, and a tab that has had none for a while takes the lock away.
 * That is safe, because whoever takes the lock raises the epoch, and the log refuses an older one.
 */

/** Where tabs of one person on one device hear each other. */
export interface TabChannel {
  post(message: TabMessage): void
  /** Returns what stops listening. */
  listen(listener: (message: TabMessage) => void): () => void
  close(): void
}

export type TabMessage =
  | { readonly type: 'edited' | 'renumbered'; readonly pipelineId: string }
  | {
      readonly type: 'acknowledged'
      readonly pipelineId: string
      readonly events: readonly string[]
    }
  | { readonly type: 'uploading' }
  | { readonly type: 'refused' }

export interface UploadLock {
  /** Waits for the lock and works while it is held; the signal tells when it was taken away. */
  hold(work: (signal: AbortSignal) => Promise<void>): void
  release(): void
}

const SIGN_OF_LIFE_MS = 2_000
const PRESUMED_FROZEN_MS = 8_000

/** @param name the same for all tabs that share a queue */
export function createUploadLock(
  name: string,
  channel: TabChannel,
  now: () => number,
  locks: LockManager | undefined = globalThis.navigator?.locks,
): UploadLock {
  const released = new AbortController()
  let lastSign = now()
  const stopListening = channel.listen((message) => {
    if (message.type === 'uploading') lastSign = now()
  })

  // A work that lost the lock may still be ending when the lock comes back.
  let works = 0

  async function whileHeld(work: (signal: AbortSignal) => Promise<void>, stolen: AbortSignal) {
    works += 1
    channel.post({ type: 'uploading' })
    const timer = setInterval(() => channel.post({ type: 'uploading' }), SIGN_OF_LIFE_MS)
    try {
      await work(AbortSignal.any([stolen, released.signal]))
    } finally {
      clearInterval(timer)
      works -= 1
    }
  }

  async function take(work: (signal: AbortSignal) => Promise<void>, steal: boolean): Promise<void> {
    const stolen = new AbortController()
    const options: LockOptions = steal ? { steal } : { signal: released.signal }
    try {
      await locks!.request(name, options, () => whileHeld(work, stolen.signal))
    } catch {
      // The lock was stolen, or the wait for it was given up.
      stolen.abort()
    }
  }

  /** Waits its turn; takes the lock away from a holder that has shown no sign of life. */
  async function keepTrying(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (!released.signal.aborted) {
      const waiting = take(work, false).then(() => 'done' as const)
      while ((await Promise.race([waiting, sleep(SIGN_OF_LIFE_MS)])) !== 'done') {
        if (works > 0 || now() - lastSign < PRESUMED_FROZEN_MS) continue
        lastSign = now()
        await take(work, true)
      }
      // The work may have failed, on a full device, say: it is not tried again without a pause.
      await sleep(SIGN_OF_LIFE_MS)
    }
  }

  return {
    hold(work) {
      // Without Web Locks every tab uploads; the epoch keeps that correct, if wasteful.
      if (locks) void keepTrying(work)
      else void whileHeld(work, new AbortController().signal)
    },
    release() {
      released.abort()
      stopListening()
    },
  }
}

const sleep = (ms: number) => new Promise<'slept'>((resolve) => setTimeout(resolve, ms, 'slept'))
