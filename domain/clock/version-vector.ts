/**
 * Version vectors: for each replica, how many of its events are included.
 *
 * Source: Parker et al., "Detection of Mutual Inconsistency in Distributed Systems" (1983). A vector
 * that lists event n of a replica includes its events 1 to n, for sequence numbers have no gaps.
 */
import { z } from 'zod'
import { replicaIdSchema, type ReplicaId } from '../ids.ts'

/** Replica id -> the sequence number of its last included event; an absent replica counts as 0. */
export type VersionVector = Readonly<Record<ReplicaId, number>>

/** One event's place among those of its replica. */
export interface Dot {
  readonly replicaId: ReplicaId
  /** From 1, without gaps. */
  readonly seq: number
}

export const seqSchema = z.int().min(1)
export const versionVectorSchema = z.record(
  replicaIdSchema as unknown as z.ZodString,
  seqSchema,
) as unknown as z.ZodType<VersionVector, VersionVector>

/** Whether a vector includes an event. */
export function includes(vector: VersionVector, dot: Dot): boolean {
  return (vector[dot.replicaId] ?? 0) >= dot.seq
}

/** Whether `left` includes everything that `right` does. */
export function dominates(left: VersionVector, right: VersionVector): boolean {
  for (const replicaId in right) {
    if ((left[replicaId as ReplicaId] ?? 0) < right[replicaId as ReplicaId]!) return false
  }
  return true
}

/** The smallest vector that includes both. */
export function mergeVectors(left: VersionVector, right: VersionVector): VersionVector {
  const merged: Record<string, number> = { ...left }
  for (const replicaId in right) {
    const seq = right[replicaId as ReplicaId]!
    if ((merged[replicaId] ?? 0) < seq) merged[replicaId] = seq
  }
  return merged
}
