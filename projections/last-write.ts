import { hlcMs, type Hlc } from '../domain/clock/hlc.ts'
import type { Stamp } from '../domain/events/event.ts'
import type { Thing } from '../domain/pipeline/state.ts'
import { compareStamps } from '../domain/pipeline/total-order.ts'

/** The greatest by T of all additions and held writes of a thing: who touched it last, and when. */
export function lastWrite(thing: Thing): Stamp {
  let last = thing.adds.at(-1)!
  for (const [greatest] of thing.fields.values()) {
    if (compareStamps(greatest!.stamp, last) > 0) last = greatest!.stamp
  }
  return last
}

/** The wall clock of a stamp, ISO 8601. */
export function timeOf(hlc: Hlc): string {
  return new Date(hlcMs(hlc)).toISOString()
}
