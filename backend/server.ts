/** The composition root: makes every part from the configuration and hands the parts to each other. */
import type { Logger } from 'pino'
import { createClosingOrder } from './composition/closing-order.ts'
import { openDoors } from './composition/doors.ts'
import { takeAddress, type FrontDoor } from './composition/front-door.ts'
import { openIdentity } from './composition/identity.ts'
import { urlOf } from './composition/listen.ts'
import { openReadModels } from './composition/read-models.ts'
import { StartError } from './composition/start-error.ts'
import { openStores } from './composition/stores.ts'
import type { Config } from './config/config.ts'

export interface RunningServer {
  /** What to open in a browser. */
  readonly url: string
  readonly port: number
  /** Resolves with the reason when it cannot go on, such as that its data folder was taken away. */
  readonly failed: Promise<Error>
  /** Ends everything within three seconds. May be called again. */
  stop(): Promise<void>
}

const STOP_MS = 3_000
/** Of which no part may take more than this from the others; the last one gets what is left. */
const STOP_EACH_MS = 1_000

export interface StartOptions {
  /** Ends a start that is under way; it is rejected with the signal's reason. */
  readonly signal?: AbortSignal
  /** What has to be done before the stores are opened, once it is known that we may listen. */
  readonly prepare?: () => Promise<void>
}

/**
 * Starts the whole server.
 * @throws StartError, EmbeddedPostgresError or DataDirInUse, whose sentence says what to do; what
 *   had been started by then is ended
 */
export async function startServer(
  config: Config,
  logger: Logger,
  { signal, prepare }: StartOptions = {},
): Promise<RunningServer> {
  const bounds = { totalMs: STOP_MS, eachMs: STOP_EACH_MS }
  const closing = createClosingOrder(bounds, (part, err) => {
    logger.warn({ err, part }, 'A part did not stop cleanly.')
  })
  const lost = new AbortController()
  const failed = new Promise<Error>((resolve) => {
    lost.signal.addEventListener('abort', () => resolve(lost.signal.reason as Error))
  })
  const ending = signal ? AbortSignal.any([signal, lost.signal]) : lost.signal
  let front: FrontDoor | undefined
  try {
    refuseWhatIsMissing(config)
    front = await takeAddress(config.host, config.port)
    await Promise.race([prepare?.(), aborted(ending)])
    const stores = await openStores(config, logger, closing, {
      signal: ending,
      onLost: (reason) => lost.abort(reason),
    })
    const identity = await openIdentity(config, stores, logger, closing)
    const projector = await openReadModels(config, stores, logger, closing)
    ending.throwIfAborted()
    await openDoors({ config, front, stores, identity, projector, logger }, closing)
    const { port } = front
    let stopped: Promise<void> | undefined
    const stop = () => (stopped ??= closing.closeAll())
    return { url: urlOf(config.host, port), port, failed, stop }
  } catch (error) {
    await closing.closeAll()
    await front?.close()
    throw error
  }
}

/** Rejects once the signal is aborted. */
async function aborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted()
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

function refuseWhatIsMissing({ eventStoreUrl, electricUrl }: Config): void {
  const given = eventStoreUrl !== null ? 'EVENT_STORE_URL' : electricUrl && 'ELECTRIC_URL'
  if (!given) return
  throw new StartError(`${given} is set, and this version cannot use it yet. Unset it.`)
}
