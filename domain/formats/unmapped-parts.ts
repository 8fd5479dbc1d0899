import { quoted } from './cut-text.ts'
import { importLimits } from './import-limits.ts'
import type { UnmappedPart } from './imported-pipeline.ts'

/** How many names a line of the report gives before it says how many more there are. */
const NAMES_SHOWN = 3

/** Gathers what did not come over, one line for all the places where it is the same. */
export interface UnmappedParts {
  /** `where` is a name from the file, or null for the file as a whole. */
  add(what: string, why: string, where: string | null): void
  list(): UnmappedPart[]
  /** Lines that are not in the list, since it is full. */
  readonly leftOut: number
}

export function gatherUnmapped(): UnmappedParts {
  const lines = new Map<string, { what: string; why: string; places: Set<string> }>()
  let leftOut = 0
  return {
    add(what, why, where) {
      const key = `${what}\n${why}`
      let line = lines.get(key)
      if (line === undefined) {
        if (lines.size === importLimits.reportEntries) {
          leftOut += 1
          return
        }
        line = { what, why, places: new Set() }
        lines.set(key, line)
      }
      if (where !== null) line.places.add(where)
    },
    get leftOut() {
      return leftOut
    },
    list: () =>
      [...lines.values()].map(({ what, why, places }) => ({ what, where: namesOf(places), why })),
  }
}

/** Some names for a line of the report, and how many more there are. */
export function namesOf(places: ReadonlySet<string>): string {
  if (places.size === 0) return 'the whole file'
  const shown = [...places].slice(0, NAMES_SHOWN).map(quoted).join(', ')
  return places.size > NAMES_SHOWN ? `${shown} and ${places.size - NAMES_SHOWN} more` : shown
}
