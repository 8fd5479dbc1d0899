/** Proves a pipeline's history: every hash computed again from what is stored. */
import { createHash } from 'node:crypto'
import { pipelineStream, type PipelineId, type Revision } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { CHAIN_START, isChained, type Sha256 } from '../../domain/log/hash-chain.ts'

export interface ChainProof {
  readonly verified: boolean
  /** Events whose hash is right, from the first one on. */
  readonly revision: number
  /** The hash at that revision: whoever wrote it down earlier can compare. */
  readonly hash: string
  /** Where the chain breaks, if it does. */
  readonly brokenAt?: number
}

const PAGE = 1_000
const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('hex')

export async function proveChain(
  log: EventLog,
  id: PipelineId,
  head: Revision,
): Promise<ChainProof> {
  let at = { revision: 0 as Revision, hash: CHAIN_START }
  while (at.revision < head) {
    const limit = Math.min(PAGE, head - at.revision)
    const page = await log.readStream(pipelineStream(id), { after: at.revision, limit })
    for (const stored of page) {
      const isNext = stored.revision === at.revision + 1
      if (!isNext || !isChained(stored, at.hash, sha256)) return broken(at)
      at = { revision: stored.revision, hash: stored.hash }
    }
    if (page.length === 0) return broken(at)
  }
  return { verified: true, ...at }
}

function broken(at: { revision: Revision; hash: string }): ChainProof {
  return { verified: false, ...at, brokenAt: at.revision + 1 }
}
