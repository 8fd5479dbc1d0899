import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { ReplicaId } from '../../domain/ids.ts'
import type { ImportOrigin } from './keyed-imports.ts'

export interface SeededIds {
  readonly replicaId: ReplicaId
  /** A uuid of version 7, another one each time. */
  next(): string
}

/** Ids that follow from a seed: the same seed gives the same ids, in the same order. */
export function seededIds({ seed, startedAt }: ImportOrigin): SeededIds {
  const bytesOf = (what: string) => createHash('sha256').update(`${seed} ${what}`).digest()
  let count = 0
  return {
    replicaId: [...bytesOf('replica').subarray(0, 12)]
      .map((byte) => (byte % 36).toString(36))
      .join('') as ReplicaId,
    next: () => {
      count += 1
      return uuidv7({
        msecs: startedAt,
        seq: count,
        random: bytesOf(String(count)).subarray(0, 16),
      })
    },
  }
}
