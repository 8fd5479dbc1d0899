/**
 * Multi-value register (rule M1): it holds every write that no other write to it has seen.
 *
 * Source: the MV-register of Shapiro, Preguica, Baquero, Zawirski, "A comprehensive study of
 * Convergent and Commutative Replicated Data Types" (INRIA RR-7506, 2011), shown by a total order.
 * The writes are kept greatest first, so the value on show is the first; more than one distinct
 * value is a conflict, and a write by somebody who saw them all ends it.
 */
import { includes, type VersionVector } from '../clock/version-vector.ts'
import type { Stamp } from '../events/event.ts'
import { sameJson, type JsonValue } from '../json.ts'
import { compareStamps } from './total-order.ts'

/** One write to a register; without `value` it wrote `absent`. */
export interface Write {
  readonly stamp: Stamp
  readonly value?: JsonValue
}

/** The writes held, greatest first; never empty. */
export type Register = readonly Write[]

/** The register after a write whose event has seen `clock`. */
export function writeRegister(
  register: Register | undefined,
  write: Write,
  clock: VersionVector,
): Register {
  if (!register) return [write]
  const unseen = register.filter((held) => !includes(clock, held.stamp))
  if (unseen.length === 0) return [write]
  return [...unseen, write].sort((a, b) => compareStamps(b.stamp, a.stamp))
}

/** The value on show; undefined for `absent` and for a register never written. */
export function shownValue(register: Register | undefined): JsonValue | undefined {
  return register?.[0]?.value
}

/** Whether two people wrote different values without having seen each other's. */
export function isInConflict(register: Register): boolean {
  const [first, ...others] = register
  return others.some((write) => !sameJson(write.value, first!.value))
}
