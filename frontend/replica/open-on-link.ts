/** Opens a pipeline on a connection, and mends what stands between this device's copy and the server. */
import type { PipelineCopy } from './pipeline-copy.ts'
import type { Link, PipelineApi } from './transport.ts'

/** A new device takes a snapshot of a pipeline with more events than this, else the events. */
const SNAPSHOT_ABOVE = 2_000
const PAUSE_MS = 1_000

/**
 * Resolves once the pipeline is open, or cannot be.
 * @param stillHere whether the link stands and the pipeline is still open in this tab
 */
export async function openOnLink(
  copy: PipelineCopy,
  link: Link,
  api: PipelineApi,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
  stillHere: () => boolean,
): Promise<void> {
  while (stillHere()) {
    const { revision, hash } = copy
    const answer = await link.open({
      pipelineId: copy.id,
      after: revision,
      ...(hash !== null && { hash }),
    })
    if (answer.ok) {
      await copy.roleGiven(answer.role)
      if (revision > 0 || answer.head <= SNAPSHOT_ABOVE) return
      await link.close(copy.id)
      if (!(await startFromSnapshot(copy, api, 'new-device'))) return
    } else if (answer.code === 'other-history') {
      if (!(await startFromSnapshot(copy, api, 'other-history'))) return
    } else if (answer.code === 'not-found') {
      // Made on this device and not uploaded yet: it is opened when its first push is acknowledged.
      const isOurs = !copy.onServer && copy.pending.size > 0
      if (!isOurs) copy.setStatus('not-found')
      return
    } else {
      await sleep(answer.retryAfterMs ?? PAUSE_MS, new AbortController().signal)
    }
  }
}

async function startFromSnapshot(
  copy: PipelineCopy,
  api: PipelineApi,
  why: 'new-device' | 'other-history',
): Promise<boolean> {
  const snapshot = await api.snapshot(copy.id)
  if (!snapshot) {
    copy.setStatus('not-found')
    return false
  }
  await copy.startFrom(snapshot, why)
  return true
}
