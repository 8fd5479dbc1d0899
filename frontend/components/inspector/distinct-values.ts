import { sameJson } from '../../../domain/json.ts'
import type { Register, Write } from '../../../domain/pipeline/register.ts'

export interface HeldValue {
  readonly write: Write
  readonly shown: boolean
}

/** The different values that a field holds, the oldest write first; of equal ones the latest. */
export function distinctValues(register: Register): readonly HeldValue[] {
  const distinct: HeldValue[] = []
  for (const [index, write] of register.entries()) {
    if (distinct.some((held) => sameJson(held.write.value, write.value))) continue
    distinct.push({ write, shown: index === 0 })
  }
  return distinct.reverse()
}
