import type { Logger } from 'pino'
import { projectionMigrations } from '../../projections/postgres/migrations.ts'
import { ensurePublication } from '../../projections/postgres/publication.ts'
import { startProjector, type Projector } from '../../projections/projector.ts'
import type { Config } from '../config/config.ts'
import type { Readiness } from '../http/http-ports.ts'
import type { Metrics } from '../http/metrics.ts'
import { openPool } from '../postgres/open-pool.ts'
import type { ClosingOrder } from './closing-order.ts'
import { connectionLost, unusableDatabase, type Stores } from './stores.ts'

/** One for the projector, for as long as it runs, and some for looks at how far it is. */
const CONNECTIONS = 4
/** Looks only: the projector's own connection lifts it. */
const STATEMENT_MS = 30_000

/** The tables of the read side, and the projector that keeps them up with the log. */
export async function openReadModels(
  config: Config,
  { databaseUrl, log }: Stores,
  logger: Logger,
  closing: ClosingOrder,
): Promise<Projector> {
  const pool = await openPool({
    databaseUrl,
    name: 'tributary read models',
    max: CONNECTIONS,
    statementMs: STATEMENT_MS,
    migrations: projectionMigrations,
    onError: connectionLost(logger),
  }).catch((error: unknown) => {
    throw unusableDatabase(config, error)
  })
  closing.add('read models', () => pool.end())
  await ensurePublication(pool, config.publication).catch((err: unknown) => {
    // Only an Electric in front needs it, and whoever sets one up sees to the rights as well.
    logger.warn({ err }, `The publication ${config.publication} could not be made.`)
  })
  const projector = startProjector({ log, database: pool, logger })
  closing.add('projector', () => projector.stop())
  return projector
}

export function projectorReadiness(projector: Projector): Readiness {
  const { state, error } = projector.status()
  const ready = state !== 'retrying' && state !== 'stopped'
  return { part: 'projector', ready, ...(error !== null && { detail: error }) }
}

export function addProjectorMetrics(metrics: Metrics, projector: Projector): void {
  metrics.gauge('tributary_projection_position', 'Events that the tables show.', () =>
    projector.position(),
  )
  metrics.gauge('tributary_projection_lag', 'Events that the tables do not show yet.', () =>
    projector.lag(),
  )
  metrics.gauge(
    'tributary_projection_faults',
    'Streams whose rows could not be brought up to date.',
    () => projector.status().faults.length,
  )
}
