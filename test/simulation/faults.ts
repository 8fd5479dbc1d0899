/** What can go wrong by chance, at every occasion; what is done on purpose is in the script. */
import type { Randomness } from './randomness.ts'

/** Of each fault, once in how many occasions it happens; 0 for never. */
export interface Faults {
  /** The connection breaks while a message is on its way. */
  readonly cut: number
  /** A push arrives, its answer does not: the connection breaks first. */
  readonly lostAnswer: number
  /** A push arrives a second time, at any node, up to a minute later. */
  readonly lateCopy: number
  /** Events overtake each other on their way to a device. */
  readonly overtaking: number
  /** A message with events arrives twice. */
  readonly doubled: number
  /** A tab is killed just before or after it writes to its device. */
  readonly killedWriting: number
  /** A device has no space for a write. */
  readonly quota: number
  /** A server is killed between the commit of an append and its answer, or just before. */
  readonly killedAppending: number
  /** The log does not answer, before or after it has appended. */
  readonly logAway: number
  /** The projector is killed around the commit of rows and checkpoint. */
  readonly killedProjecting: number
  /** A request over HTTP fails. */
  readonly failedRequest: number
}

export const NO_FAULTS: Faults = {
  cut: 0,
  lostAnswer: 0,
  lateCopy: 0,
  overtaking: 0,
  doubled: 0,
  killedWriting: 0,
  quota: 0,
  killedAppending: 0,
  logAway: 0,
  killedProjecting: 0,
  failedRequest: 0,
}

const USUAL: Faults = {
  cut: 150,
  lostAnswer: 12,
  lateCopy: 8,
  overtaking: 12,
  doubled: 12,
  killedWriting: 60,
  quota: 40,
  killedAppending: 25,
  logAway: 20,
  killedProjecting: 12,
  failedRequest: 6,
}

/** Some of the faults: a run that has all of them hides what only few of them bring about. */
export function someFaults(random: Randomness): Faults {
  const entries = Object.entries(USUAL).map(([name, times]) => [name, random.oneIn(2) ? times : 0])
  return Object.fromEntries(entries) as unknown as Faults
}
