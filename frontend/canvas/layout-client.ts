import type { Placement } from '../../domain/events/pipeline-events.ts'
import type { ConnectionView, StepView } from '../../domain/pipeline/view.ts'
import { layoutRequest } from './laid-steps.ts'
import type { LayoutAnswer } from './layout.worker.ts'

/** Longer than any pipeline that can be imported takes. */
const PATIENCE_MS = 30_000

/** The steps could not be laid out; none was moved. `message` is a sentence for the person. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError'
  readonly code: 'layout-failed' | 'layout-timeout' | 'layout-stopped'

  constructor(code: LayoutError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/**
 * Where each step belongs, worked out in a Web Worker that ends with the answer. Rejects with a
 * LayoutError: the worker failed, took over 30 s, or `signal` was aborted.
 */
export function layoutSteps(
  steps: readonly StepView[],
  connections: readonly ConnectionView[],
  signal?: AbortSignal,
): Promise<Map<string, Placement>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(stopped())
    const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' })
    const end = (settle: () => void) => {
      worker.terminate()
      clearTimeout(patience)
      signal?.removeEventListener('abort', abort)
      settle()
    }
    const fail = (error: LayoutError) => end(() => reject(error))
    const abort = () => fail(stopped())
    const patience = setTimeout(() => fail(timedOut()), PATIENCE_MS)
    signal?.addEventListener('abort', abort)
    worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) =>
      data.ok ? end(() => resolve(new Map(data.placements))) : fail(failed(data.message))
    worker.onerror = (event) => fail(failed(event.message))
    worker.onmessageerror = () => fail(failed('the answer could not be read'))
    worker.postMessage(layoutRequest(steps, connections))
  })
}

const failed = (cause: string) =>
  new LayoutError(
    'layout-failed',
    'The steps could not be laid out, and nothing was moved. Reload the page and try again.',
    cause,
  )
const timedOut = () =>
  new LayoutError(
    'layout-timeout',
    'Laying out took too long, and nothing was moved. Select fewer steps and try again.',
  )
const stopped = () => new LayoutError('layout-stopped', 'Laying out was stopped.')
