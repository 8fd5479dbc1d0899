import { MAX_JSON_DEPTH } from '../json.ts'
import { limits } from '../limits.ts'

/** What an import takes beyond the limits on events and files, each with its unit and reason. */
export const importLimits = {
  /** Connections of a file, dangling ones included: four for each of the most steps. */
  connections: 4 * limits.importSteps,
  /** Bytes of what a file decides in one event; the rest is for names, ids and a long clock. */
  valueBytes: limits.eventBytes - 24 * 1024,
  /** Levels of a value; the event and what it is sent in take a few of their own. */
  valueDepth: MAX_JSON_DEPTH - 8,
  /** Entries in each list of a report: more than this nobody reads. */
  reportEntries: 1_000,
} as const
