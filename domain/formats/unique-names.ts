import { limits } from '../limits.ts'
import { cutText } from './cut-text.ts'

/**
 * The names, in order, each unlike all others: the first of several equal ones stays as it is, the
 * others get the next free number behind them. Names that are unique already are not touched.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names)
  const first = new Set<string>()
  const counters = new Map<string, number>()
  return names.map((name) => {
    if (!first.has(name)) {
      first.add(name)
      return name
    }
    let unique = name
    for (let count = counters.get(name) ?? 1; taken.has(unique); count++) {
      const suffix = ` ${count}`
      unique = cutText(name, limits.lineCharacters - suffix.length) + suffix
      counters.set(name, count + 1)
    }
    taken.add(unique)
    return unique
  })
}
