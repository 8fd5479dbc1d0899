/** /v1/shape alone on a free port, over a database that tests write to by plain SQL. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NOT_SIGNED_IN, type Authenticator } from '../../../backend/auth/authenticator.ts'
import { openShapes, type ShapePorts, type Shapes } from '../../../backend/shapes/open-shapes.ts'
import type { ActorId } from '../../../domain/ids.ts'
import {
  projectionDatabase,
  type ProjectionDatabase,
} from '../../projections/postgres/projection-database.ts'
import { pipelineId, teamId, TestTeams, userId } from './test-teams.ts'

/** Takes `token-<user id>` until the person signs out. */
class TestAuthenticator implements Authenticator {
  readonly signedOut = new Set<string>()

  async verify(token: string | undefined) {
    const id = /^token-(.*)$/.exec(token ?? '')?.[1]
    if (id === undefined || this.signedOut.has(id)) return NOT_SIGNED_IN
    return { userId: id as ActorId, sessionId: id, expiresAt: Date.now() + 3_600_000 }
  }
}

export const tokenOf = (user: ActorId) => `token-${user}`

export interface ShapeAnswer {
  readonly status: number
  readonly headers: Headers
  // The tests look into bodies of every form.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any
}

export interface ShapeAsk {
  readonly as?: ActorId
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export type Params = Readonly<Record<string, string>>

export interface ShapeTestServer {
  readonly url: string
  readonly database: ProjectionDatabase
  readonly teams: TestTeams
  readonly authenticator: TestAuthenticator
  /** Those of now. */
  readonly shapes: () => Shapes
  /** What the shapes reported as failed. */
  readonly errors: unknown[]
  /** Runs statements as any other program would. */
  sql(text: string): Promise<void>
  ask(params: Params | string, ask?: ShapeAsk): Promise<ShapeAnswer>
  /** Stops the shapes, and starts others in their place. */
  restart(): Promise<void>
  stop(): Promise<void>
}

async function askAt(
  url: string,
  params: Params | string,
  { as = userId(1), method = 'GET', headers, signal }: ShapeAsk = {},
): Promise<ShapeAnswer> {
  const query = typeof params === 'string' ? params : new URLSearchParams(params).toString()
  const response = await fetch(`${url}?${query}`, {
    method,
    headers: { authorization: `Bearer ${tokenOf(as)}`, ...headers },
    ...(signal && { signal }),
  })
  const text = await response.text()
  const { status } = response
  return { status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
}

export type ShapeServerOptions = Partial<
  Pick<ShapePorts, 'limits' | 'maxShapeSize' | 'shapeCacheTtl' | 'authMode' | 'now'>
> & {
  /** That of another server, which is kept when this one stops. */
  readonly database?: ProjectionDatabase
}

/** Starts with one person, the first, in the first team. */
export async function startShapeServer(options: ShapeServerOptions = {}): Promise<ShapeTestServer> {
  const database = options.database ?? (await projectionDatabase())
  const teams = new TestTeams()
  const authenticator = new TestAuthenticator()
  const errors: unknown[] = []
  const open = () =>
    openShapes({
      databaseUrl: String(database.pool.options.connectionString),
      authenticator,
      teams,
      maxShapeSize: 10_000_000,
      shapeCacheTtl: 3_600,
      authMode: 'secure',
      now: Date.now,
      onError: (error) => errors.push(error),
      ...options,
    })
  let shapes = await open()
  teams.join(userId(1), teamId(1))
  const server = createServer((request, response) => shapes.listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/shape`
  return {
    ...{ url, database, teams, authenticator, errors },
    shapes: () => shapes,
    sql: async (text) => void (await database.pool.query(text)),
    ask: (params, ask) => askAt(url, params, ask),
    async restart() {
      await shapes.stop()
      shapes = await open()
    },
    async stop() {
      await shapes.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (!options.database) await database.drop()
    },
  }
}

/** SQL that puts pipelines of a team into the table, named `p<n>`. */
export function insertPipelines(numbers: readonly number[], team = teamId(1)): string {
  const rows = numbers.map(
    (n) => `('${pipelineId(n)}', '${team}', 'p${n}', '', 'acyclic', 'active',
             '2026-11-12 14:06:00.123+00', '2026-11-12 14:06:00.123+00', '${userId(1)}', ${n}, 0, 0)`,
  )
  return `INSERT INTO public.pipelines VALUES ${rows.join(', ')}`
}
