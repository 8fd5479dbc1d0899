import { CHAIN_START } from '../../../domain/log/hash-chain.ts'

/** The newest event of a stream, as far as the next one depends on it. */
export interface Head {
  readonly revision: number
  readonly hash: string
  /** ISO 8601; empty for a stream that does not exist. */
  readonly recordedAt: string
}

export const NO_STREAM: Head = { revision: 0, hash: CHAIN_START, recordedAt: '' }
