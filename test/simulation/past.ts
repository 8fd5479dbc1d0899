/**
 * Remembers states as they were shown, by the hash of the log's chain that each of them followed
 * from. Whoever is at the same hash must have the same state: a device, a server, and at the end
 * everybody who derives it again from the log, with and without a snapshot on the way.
 */
import { createHash } from 'node:crypto'
import { isPipelineEvent, type StoredEvent } from '../../domain/events/event.ts'
import type { PipelineId } from '../../domain/ids.ts'
import { canonicalJson } from '../../domain/json.ts'
import { evolve } from '../../domain/pipeline/evolve.ts'
import { restoreSnapshot, takeSnapshot } from '../../domain/pipeline/snapshot.ts'
import { initialState, type PipelineState } from '../../domain/pipeline/state.ts'

interface Shown {
  /** Of the state as canonical text. */
  readonly digest: string
  readonly by: string
}

/** The whole state as text: what two replicas must agree on, to the last letter. */
export const hashOf = (state: PipelineState): string => canonicalJson(takeSnapshot(state))

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export class Past {
  readonly #shown = new Map<string, Shown>()

  /**
   * @param text of the state, as `hashOf` gives it
   * @returns whether somebody had shown the same before
   * @throws where it was another state of the same history
   */
  remember(by: string, hash: string, text: string): boolean {
    const digest = digestOf(text)
    const before = this.#shown.get(hash)
    if (!before) this.#shown.set(hash, { digest, by })
    else if (before.digest !== digest) {
      throw new Error(`${by} and ${before.by} show different states after ${hash}`)
    }
    return before !== undefined
  }

  /**
   * Derives every remembered state of a pipeline again, from its first event on.
   * @returns how many there were
   * @throws where one comes out as another
   */
  expectSame(id: PipelineId, stored: readonly StoredEvent[]): number {
    const state = initialState(id)
    /** From the snapshot of the last state that was remembered. */
    let resumed = initialState(id)
    let count = 0
    for (const { event, hash, revision } of stored) {
      if (!isPipelineEvent(event)) continue
      evolve(state, event)
      evolve(resumed, event)
      const shown = this.#shown.get(hash)
      if (!shown) continue
      count += 1
      for (const again of [state, resumed]) {
        if (digestOf(hashOf(again)) === shown.digest) continue
        throw new Error(`What ${shown.by} showed of ${id} at ${revision} comes out as another`)
      }
      resumed = restoreSnapshot(JSON.parse(JSON.stringify(takeSnapshot(resumed))))!
    }
    return count
  }
}
