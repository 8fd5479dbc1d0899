/** Opens a pipeline on a connection, and mends what stands between this device's copy and the server. */
import type { EventId, PipelineId, Revision } from '../../domain/ids.ts'
import { restoreSnapshot } from '../../domain/pipeline/snapshot.ts'
import { codes } from '../../domain/protocol/codes.ts'
import type { PipelineCopy } from './pipeline-copy.ts'
import type { OtherHistory } from './restored-server.ts'
import type { Link, PipelineApi, PipelineSnapshot } from './transport.ts'

/** A new device takes a snapshot of a pipeline with more events than this, else the events. */
const SNAPSHOT_ABOVE = 2_000
const PAUSE_MS = 1_000
/** Events per request when those of another history are looked through. */
const PAGE = 1_000

/**
 * Resolves with whether the pipeline is open, once it is or cannot be.
 * @param stillHere whether the link stands and the pipeline is still open in this tab
 */
export async function openOnLink(
  copy: PipelineCopy,
  link: Link,
  api: PipelineApi,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
  stillHere: () => boolean,
): Promise<boolean> {
  const pause = (ms = PAUSE_MS) => sleep(ms, new AbortController().signal)
  while (stillHere()) {
    const { revision, hash, onServer } = copy
    const answer = await link.open({
      pipelineId: copy.id,
      after: revision,
      ...(hash !== null && { hash }),
    })
    if (answer.ok) {
      const isNew = revision === 0 && answer.head > SNAPSHOT_ABOVE
      // What is on its way already would be stored message by message, before it is let go of.
      copy.awaitsSnapshot = isNew
      try {
        if (isNew) await link.close(copy.id)
        await copy.opened(answer.role, answer.serverTime)
        // Let go of while this was asked: what it was to follow on is no longer here.
        if (copy.revision < revision) continue
        await copy.sendWhatIsLost(answer.vector)
        if (!isNew) return true
        if (!(await startFromSnapshot(copy, api, 'new-device', pause))) return false
      } finally {
        copy.awaitsSnapshot = false
      }
    } else if (answer.code === 'other-history') {
      if (!(await startFromSnapshot(copy, api, 'other-history', pause))) return false
    } else if (answer.code === 'not-found') {
      // Uploaded while this was asked.
      if (copy.onServer && !onServer) continue
      // Made on this device and not uploaded yet: it is opened when its first push is acknowledged.
      if (onServer && revision === 0 && (await copy.sendAgain())) return false
      if (!copy.madeHere && (onServer || copy.pending.size === 0)) await copy.letGo('not-found')
      return false
    } else if (codes[answer.code] === 'fatal') {
      copy.setStatus('not-found')
      return false
    } else {
      await pause(answer.retryAfterMs)
    }
  }
  return false
}

/** False where the person has no such pipeline; one that did not come now is asked for again. */
async function startFromSnapshot(
  copy: PipelineCopy,
  api: PipelineApi,
  why: 'new-device' | 'other-history',
  pause: () => Promise<void>,
): Promise<boolean> {
  let snapshot: PipelineSnapshot | null
  let history: OtherHistory | null = null
  try {
    snapshot = await api.snapshot(copy.id)
    if (snapshot && why === 'other-history') history = await historyOf(copy.id, snapshot, api)
  } catch {
    await pause()
    return true
  }
  if (!snapshot) {
    if (why === 'other-history' && (await copy.sendAgain())) return false
    copy.setStatus('not-found')
    return false
  }
  if (!restoreSnapshot(snapshot.state)) {
    copy.setStatus('upgrade-required')
    return false
  }
  await (history ? copy.takeUp(history) : copy.startFrom(snapshot))
  return true
}

/** What a snapshot was made of. @throws where the server has none of it any more */
async function historyOf(
  id: PipelineId,
  snapshot: PipelineSnapshot,
  api: PipelineApi,
): Promise<OtherHistory> {
  const ids = new Set<EventId>()
  for (let at = 0; at < snapshot.revision;) {
    const page = await api.events(id, at as Revision, PAGE)
    const last = page.at(-1)
    if (!last) throw new RangeError(`The server has lost the history after revision ${at} as well.`)
    for (const { revision, event } of page) if (revision <= snapshot.revision) ids.add(event.id)
    at = last.revision
  }
  return { snapshot, ids }
}
