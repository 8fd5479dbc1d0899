/** What the tabs of one person in one browser share: a channel, and the browser's locks. */
import type { TabChannel, TabMessage } from '../../frontend/replica/upload-lock.ts'

export interface Tab extends TabChannel {
  /** A frozen tab says nothing; what it is told waits until it is awake again. */
  isFrozen: boolean
}

export interface TabHub {
  open(): Tab
}

/** Like BroadcastChannel: a message reaches every other tab, later, as a copy. */
export function createTabHub(): TabHub {
  const tabs = new Map<Tab, Set<(message: TabMessage) => void>>()
  return {
    open() {
      const listeners = new Set<(message: TabMessage) => void>()
      const tab: Tab = {
        isFrozen: false,
        post(message) {
          if (tab.isFrozen) return
          if (!tabs.has(tab)) throw new DOMException('the channel is closed', 'InvalidStateError')
          for (const [other, heard] of tabs) {
            if (other === tab) continue
            queueMicrotask(() => heard.forEach((listener) => listener(structuredClone(message))))
          }
        },
        listen(listener) {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
        close() {
          tabs.delete(tab)
        },
      }
      tabs.set(tab, listeners)
      return tab
    },
  }
}

interface Request {
  readonly grant: () => void
  readonly refuse: (error: unknown) => void
}

/** The Web Locks of one browser: exclusive locks in the order of asking, which can be stolen. */
export function createLocks(): LockManager {
  const held = new Map<string, Request>()
  const waiting = new Map<string, Request[]>()

  function grantNext(name: string): void {
    if (held.has(name)) return
    const next = waiting.get(name)?.shift()
    if (!next) return
    held.set(name, next)
    next.grant()
  }

  async function request<T>(
    name: string,
    { steal = false, signal }: LockOptions,
    work: () => Promise<T>,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => {
        if (held.get(name) === own) return
        waiting.set(name, waiting.get(name)?.filter((other) => other !== own) ?? [])
        reject(signal?.reason as Error)
      }
      const own: Request = {
        grant: () =>
          queueMicrotask(() => {
            signal?.removeEventListener('abort', giveUp)
            const done = () => {
              if (held.get(name) === own) held.delete(name)
              grantNext(name)
            }
            work().then(resolve, reject).finally(done)
          }),
        refuse: reject,
      }
      if (steal) {
        held.get(name)?.refuse(new DOMException('The lock was stolen.', 'AbortError'))
        held.set(name, own)
        own.grant()
        return
      }
      const queue = waiting.get(name) ?? []
      waiting.set(name, [...queue, own])
      signal?.addEventListener('abort', giveUp)
      grantNext(name)
    })
  }

  return { request, query: async () => ({}) } as unknown as LockManager
}
