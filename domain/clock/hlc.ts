/**
 * Hybrid logical clock: a time stamp that follows the wall clock and never contradicts causality.
 *
 * Source: Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks" (OPODIS 2014).
 * A stamp is text, "1764072000000-0003": 13 digits of milliseconds since 1970, a dash, a counter of
 * 4 hexadecimal digits. Text order is time order, so that every store and language sorts it alike.
 * Guarantee: the stamp that `tickHlc` gives is greater than the one it was given, whatever the wall
 * clock says; a full counter borrows one millisecond from the future.
 */
import { z } from 'zod'
import type { Brand } from '../ids.ts'

export type Hlc = Brand<string, 'Hlc'>

const HLC = /^\d{13}-[0-9a-f]{4}$/
const MAX_COUNTER = 0xffff
/** The greatest wall clock that 13 digits hold, in the year 2286. */
const MAX_MS = 9_999_999_999_999

export const hlcSchema = z
  .string()
  .regex(HLC, 'must be 13 digits, a dash and 4 hexadecimal digits') as unknown as z.ZodType<
  Hlc,
  Hlc
>

/** The stamp before every other. */
export const HLC_ZERO = '0000000000000-0000' as Hlc

/** Builds a stamp from milliseconds since 1970 and a counter from 0 to 65,535. */
export function hlcOf(ms: number, counter: number): Hlc {
  if (!Number.isInteger(ms) || ms < 0 || ms > MAX_MS) throw new RangeError(`not a time: ${ms}`)
  return `${String(ms).padStart(13, '0')}-${counter.toString(16).padStart(4, '0')}` as Hlc
}

/** Milliseconds since 1970 of a stamp. */
export function hlcMs(hlc: Hlc): number {
  return Number(hlc.slice(0, 13))
}

/**
 * The next stamp of a replica.
 * @param last the greatest stamp that the replica has made or seen
 * @param now the wall clock, in milliseconds since 1970
 */
export function tickHlc(last: Hlc, now: number): Hlc {
  const lastMs = hlcMs(last)
  // A wall clock beyond the last stamp is as wrong as one before the first: both still tick.
  const wall = Math.min(Math.max(0, Math.floor(now)), MAX_MS)
  if (wall > lastMs) return hlcOf(wall, 0)
  const counter = Number.parseInt(last.slice(14), 16) + 1
  return counter > MAX_COUNTER ? hlcOf(lastMs + 1, 0) : hlcOf(lastMs, counter)
}

/** The later of two stamps. */
export function laterHlc(left: Hlc, right: Hlc): Hlc {
  return left > right ? left : right
}
