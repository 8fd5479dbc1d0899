import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { Projector } from '../../projections/projector.ts'
import type { AccountNames } from '../auth/account-names.ts'
import { isPrincipal, type Authenticator } from '../auth/authenticator.ts'
import { createPostgresKeyedImports } from '../auth/postgres/postgres-keyed-imports.ts'
import { createPostgresReplicaRegistry } from '../auth/postgres/postgres-replica-registry.ts'
import type { Config } from '../config/config.ts'
import { createHttp } from '../http/create-http.ts'
import { answerLoopbackOnly } from '../http/loopback-only.ts'
import { createMetrics } from '../http/metrics.ts'
import { addProcessMetrics } from '../http/process-metrics.ts'
import { openShapes } from '../shapes/open-shapes.ts'
import { createPipelineDirectory } from '../pipelines/pipeline-directory.ts'
import { createAdmission } from '../sync/admission.ts'
import { startLogTail } from '../sync/log-tail.ts'
import { startSyncServer, type SyncServer, type VerifyToken } from '../sync/sync-server.ts'
import type { ClosingOrder } from './closing-order.ts'
import type { FrontDoor } from './front-door.ts'
import type { Identity } from './identity.ts'
import { addProjectorMetrics, projectorReadiness } from './read-models.ts'
import { storesReadiness, type Stores } from './stores.ts'

const EDITOR_DIR = fileURLToPath(new URL('../../frontend/dist', import.meta.url))
/** Requests that are under way at a stop may end by themselves for so long. */
const GRACE_MS = 500

export interface Doors {
  readonly config: Config
  readonly front: FrontDoor
  readonly stores: Stores
  readonly identity: Identity
  readonly projector: Projector
  readonly logger: Logger
}

/** Opens the front door to all that listens: HTTP, and Socket.IO on the same port. */
export async function openDoors(doors: Doors, closing: ClosingOrder): Promise<void> {
  const { config, front, stores, identity, projector, logger } = doors
  const { log } = stores
  const { roleOf, onMembershipChange } = identity.teams
  const tail = await startLogTail(log)
  closing.add('log tail', () => tail.stop())
  const directory = createPipelineDirectory(log)
  const { claim, ownerOf } = createPostgresReplicaRegistry(stores.accounts)
  const admission = createAdmission({ log, directory, roleOf, ownerOf, now: Date.now })
  const metrics = createMetrics()
  let close: (() => Promise<void>) | null = null
  closing.add('doors', () => close?.())
  const shapes = await openShapes({
    databaseUrl: stores.databaseUrl,
    authenticator: identity.authenticator,
    teams: identity.teams,
    maxShapeSize: config.maxShapeSize,
    shapeCacheTtl: config.shapeCacheTtl,
    authMode: config.authMode,
    now: Date.now,
    onError: (err) => logger.warn({ err }, 'Shapes: it will be tried again.'),
  })
  // Registered as soon as there is something to stop, whatever fails below; and after the doors, so
  // that it is stopped before them and no request waits for news that will not come.
  closing.add('shapes', () => shapes.stop())

  const app = createHttp({
    ...identity,
    config,
    log,
    pipelines: directory,
    submit: (push) => admission.push(push),
    keyedImports: createPostgresKeyedImports(stores.accounts),
    readiness: async () => [await storesReadiness(stores), projectorReadiness(projector)],
    metrics,
    logger,
    editorDir: EDITOR_DIR,
    shapes: shapes.listener,
  })
  const server = front.open(app)
  const sync = startSyncServer(server, {
    log,
    tail,
    directory,
    admission,
    roleOf,
    onMembershipChange,
    claimReplica: claim,
    verify: verifyFor(identity.authenticator, identity.names),
    batchSize: config.syncBatchSize,
    now: Date.now,
    logger,
  })
  close = () => closeDoors(server, sync)
  if (config.authMode === 'insecure') answerLoopbackOnly(server)

  addProcessMetrics(metrics)
  addProjectorMetrics(metrics, projector)
  metrics.gauge('tributary_log_position', 'Events in the log.', () => log.head())
  metrics.gauge('tributary_sync_connections', 'Devices that are connected.', () =>
    sync.connections(),
  )
}

/** The sync server closes the HTTP server with itself; what does not end in time is cut off. */
async function closeDoors(server: Server, sync: SyncServer): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  try {
    await sync.stop()
  } finally {
    clearTimeout(cut)
  }
}

function verifyFor(authenticator: Authenticator, names: AccountNames): VerifyToken {
  return async (token) => {
    const answer = await authenticator.verify(token)
    if (isPrincipal(answer)) {
      const { name } = await names.of(answer.userId)
      return { actorId: answer.userId, name: name ?? '' }
    }
    if (answer.code === 'unauthenticated') return null
    throw new Error(answer.message)
  }
}
