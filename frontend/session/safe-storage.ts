/** localStorage where the browser allows it; memory where it does not, or where it is full. */

export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** @param storage asked for each time: even naming `localStorage` throws where it is blocked */
export function createSafeStorage(storage: () => KeyValueStorage): KeyValueStorage {
  const memory = new Map<string, string>()
  return {
    getItem(key) {
      const held = memory.get(key)
      return held ?? attempt(() => storage().getItem(key)) ?? null
    },
    setItem(key, value) {
      memory.delete(key)
      if (attempt(() => (storage().setItem(key, value), true)) === undefined) memory.set(key, value)
    },
    removeItem(key) {
      memory.delete(key)
      attempt(() => storage().removeItem(key))
    },
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
