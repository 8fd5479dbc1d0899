/** Shapes as one part of the server: everything made, and handed to each other. */
import { readModels } from '../../projections/read-models.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import { isLoopback } from '../config/loopback.ts'
import type { TeamDirectory } from '../teams/team-directory.ts'
import { createCallerScopes } from './caller-scopes.ts'
import { fillShape } from './fill-shape.ts'
import { createMemoryShapeStorage } from './memory-shape-storage.ts'
import { createPostgresShapeDatabase } from './postgres/postgres-shape-database.ts'
import { ShapeCache } from './shape-cache.ts'
import type { ShapeDatabase } from './shape-database.ts'
import { createShapeFanOut } from './shape-fan-out.ts'
import { shapeLimits, type ShapeLimits } from './shape-limits.ts'
import { createShapeListener, type ShapeListener } from './shape-listener.ts'
import { ShapeProtocol } from './shape-protocol.ts'
import { ShapesUnavailable } from './shapes-unavailable.ts'

export interface ShapePorts {
  /** A database that has the read models and their change feed. */
  readonly databaseUrl: string
  readonly authenticator: Authenticator
  readonly teams: Pick<TeamDirectory, 'teamsOf' | 'onMembershipChange'>
  /** Bytes of one shape's snapshot; its log may have as many before it starts again. */
  readonly maxShapeSize: number
  /** Seconds for which an unused shape is kept ready. */
  readonly shapeCacheTtl: number
  /** `insecure`: only pages of this machine may read the answers, since nobody signs in. */
  readonly authMode: 'secure' | 'insecure'
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Gets what failed and is tried again, and defects. */
  readonly onError: (error: unknown) => void
  readonly limits?: Partial<ShapeLimits>
}

export interface Shapes {
  /** Answers /v1/shape. */
  readonly listener: ShapeListener
  /** Figures of this node. */
  figures(): ShapeFigures
  /** Answers all waiting requests at once with 503, refuses new ones, and lets the database go. */
  stop(): Promise<void>
}

export interface ShapeFigures {
  readonly shapes: number
  readonly bytes: number
  /** Requests that wait for news. */
  readonly waiting: number
  /** The commit of the feed up to which all shapes are. */
  readonly completedCommit: number
}

/** @throws ShapesUnavailable where the database does not answer */
export async function openShapes(ports: ShapePorts): Promise<Shapes> {
  const limits = { ...shapeLimits, ...ports.limits }
  const stopping = new AbortController()
  // A connection that breaks while it is being closed is no news.
  const onError = (error: unknown) => void (stopping.signal.aborted || ports.onError(error))
  const database = createPostgresShapeDatabase({
    databaseUrl: ports.databaseUrl,
    tables: readModels.map(({ table }) => table),
    snapshotsAtOnce: limits.snapshotsAtOnce,
    snapshotsWaiting: limits.snapshotsWaiting,
    onError,
  })
  try {
    const commit = await database.lastCommit()
    return startShapes({ ...ports, onError }, limits, database, commit, stopping)
  } catch (error) {
    await database.close()
    throw error
  }
}

function startShapes(
  ports: ShapePorts,
  limits: ShapeLimits,
  database: ShapeDatabase,
  commit: number,
  stopping: AbortController,
): Shapes {
  const { authenticator, maxShapeSize, now, onError } = ports
  const fanOut = createShapeFanOut(onError, commit)
  const feed = database
    .feedAfter(commit, () => fanOut.size > 0)
    .subscribe((news) => {
      if (news.kind === 'changes') fanOut.dispatch(news.changes)
      else fanOut.restart(news.commit)
    })
  const { signal } = stopping
  const cache = new ShapeCache({
    storage: createMemoryShapeStorage(limits.chunkBytes),
    fanOut,
    fill: (shape) =>
      fillShape(shape, database, {
        chunkBytes: limits.chunkBytes,
        maxBytes: maxShapeSize,
        signal,
      }),
    // It may have ended because its table is not what it was.
    onEnd: () => database.forgetTables(),
    maxShapeBytes: maxShapeSize,
    idleMs: Math.max(ports.shapeCacheTtl * 1_000, limits.minIdleMs),
    limits: { ...limits, totalBytes: Math.max(limits.totalBytes, 4 * maxShapeSize) },
    now,
  })
  const scopes = createCallerScopes(ports.teams, limits.callers)
  const protocol = new ShapeProtocol({
    ...{ authenticator, scopes, database, cache, fanOut, limits, stopping: signal, now },
  })
  const isOriginAllowed = (origin: string) => ports.authMode === 'secure' || isLocal(origin)
  const listener = createShapeListener({
    answer: (call) => protocol.answer(call),
    isOriginAllowed,
    onError,
  })
  return {
    listener,
    figures: () => ({
      shapes: cache.count,
      bytes: cache.bytes,
      waiting: protocol.waiting,
      completedCommit: fanOut.completed,
    }),
    async stop() {
      if (signal.aborted) return
      stopping.abort(new ShapesUnavailable('stopping', 'The server is stopping. Try again.'))
      feed.unsubscribe()
      scopes.stop()
      cache.stop()
      await database.close()
    },
  }
}

function isLocal(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname)
}
