/** What the tabs of one device share: their channel, and the browser's locks. */
import type { TabChannel, TabMessage } from '../../frontend/replica/upload-lock.ts'
import { createLocks } from '../support/tab-hub.ts'
import type { Life } from './life.ts'

export class TabHub {
  readonly #tabs = new Map<Life, Set<(message: TabMessage) => void>>()
  readonly #locks = createLocks()
  readonly #stolen: () => void

  /** @param stolen called when a tab takes a lock from another */
  constructor(stolen: () => void) {
    this.#stolen = stolen
  }

  /** A frozen tab says nothing, and hears what it was told once it is awake. */
  channelFor(life: Life): TabChannel {
    const listeners = new Set<(message: TabMessage) => void>()
    this.#tabs.set(life, listeners)
    life.onEnd(() => this.#tabs.delete(life))
    return {
      post: (message) => {
        if (!life.isAlive || life.isFrozen) return
        for (const [other, heard] of this.#tabs) {
          if (other !== life) void hear(other, heard, structuredClone(message))
        }
      },
      listen: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      close: () => this.#tabs.delete(life),
    }
  }

  /** The locks of one tab; the browser takes them back when the tab is gone. */
  locksFor(life: Life): LockManager {
    const request = (name: string, options: LockOptions, work: () => Promise<unknown>) => {
      if (options.steal) this.#stolen()
      return this.#locks.request(name, options, () =>
        Promise.race([work(), new Promise<void>((gone) => life.onEnd(gone))]),
      )
    }
    return { request } as unknown as LockManager
  }
}

async function hear(
  life: Life,
  listeners: ReadonlySet<(message: TabMessage) => void>,
  message: TabMessage,
): Promise<void> {
  await life.pass()
  for (const listener of listeners) listener(message)
}
