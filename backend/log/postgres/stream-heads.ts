import type { StreamId } from '../../../domain/ids.ts'
import { CHAIN_START } from '../../../domain/log/hash-chain.ts'

/** The newest event of a stream, as far as the next one depends on it. */
export interface Head {
  readonly revision: number
  readonly hash: string
  /** ISO 8601; empty for a stream that does not exist. */
  readonly recordedAt: string
}

export const NO_STREAM: Head = { revision: 0, hash: CHAIN_START, recordedAt: '' }

/**
 * The heads of the streams that were appended to last, so that an append needs no read before it. A
 * head that is out of date costs a round trip and never more: log.append checks it.
 */
export class StreamHeads {
  // A Map keeps the order of insertion, and every touch inserts anew: the first is the oldest.
  readonly #heads = new Map<StreamId, Head>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  get(streamId: StreamId): Head | undefined {
    return this.#heads.get(streamId)
  }

  set(streamId: StreamId, head: Head): void {
    this.#heads.delete(streamId)
    this.#heads.set(streamId, head)
    if (this.#heads.size > this.#max) this.#heads.delete(this.#heads.keys().next().value!)
  }

  forget(streamId: StreamId): void {
    this.#heads.delete(streamId)
  }
}
