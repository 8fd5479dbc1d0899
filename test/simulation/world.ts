/** What every part of a simulation shares. */
import type { Faults } from './faults.ts'
import type { Randomness } from './randomness.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Witness } from './witness.ts'

/** More events than any run makes. */
export const ALL = 1_000_000

export interface World {
  readonly time: VirtualTime
  readonly random: Randomness
  readonly witness: Witness
  /** None once everything heals. */
  faults: Faults
}

/** Whether a fault happens now. */
export function strikes(world: World, fault: keyof Faults): boolean {
  const isStruck = world.random.oneIn(world.faults[fault])
  if (isStruck) world.witness.happens(fault)
  return isStruck
}

/** Waits as long as a message, or a disk, may take. */
export function delay(world: World, mostMs: number): Promise<void> {
  return world.time.sleep(world.random.between(0, mostMs))
}
