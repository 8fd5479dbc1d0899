/** Follows the `pipelines` table as an Electric shape, through the official client. */
import { FetchError, Shape, ShapeStream, type Row } from '@electric-sql/client'
import type { ListedPipeline, ListFeed } from './list-feed.ts'

const COLUMNS = [
  'id',
  'team_id',
  'name',
  'status',
  'updated_at',
  'updated_by',
  'step_count',
  'conflict_count',
]

export interface ElectricListFeedOptions {
  /** The address of the shapes, "https://host/v1/shape". */
  readonly url: string
  readonly token: () => string | null
  /** Called when the server no longer takes the token; following stops then. */
  readonly onSignedOut: () => void
}

/** The server answers only with the pipelines of the teams that the token's person is in. */
export function createElectricListFeed(options: ElectricListFeedOptions): ListFeed {
  return ({ onRows, onLive }) => {
    const stopping = new AbortController()
    const stream = new ShapeStream<Row>({
      url: options.url,
      params: { table: 'pipelines', columns: COLUMNS },
      headers: { authorization: () => `Bearer ${options.token() ?? ''}` },
      signal: stopping.signal,
      // HTTP is what a server on one's own machine speaks; it needs no advice in the console.
      warnOnHttp: false,
      // The client retries by itself for ever; a failed request only says that it is not live now.
      fetchClient: async (...request) => {
        try {
          const response = await fetch(...request)
          if (response.status >= 500) onLive(false)
          return response
        } catch (error) {
          if (!stopping.signal.aborted) onLive(false)
          throw error
        }
      },
      async onError(error) {
        onLive(false)
        if (error instanceof FetchError && error.status === 401) return options.onSignedOut()
        // Any other refusal may pass, as one by a server that is being set up: ask again.
        await pause(ASK_AGAIN_MS, stopping.signal)
        return stopping.signal.aborted ? undefined : {}
      },
    })
    // Its own types do not agree under exactOptionalPropertyTypes.
    const shape = new Shape<Row>(stream as ConstructorParameters<typeof Shape<Row>>[0])
    const stop = shape.subscribe(({ rows }) => {
      onRows(rows.map(listedPipeline))
      onLive(true)
    })
    return () => {
      stop()
      stopping.abort()
    }
  }
}

const ASK_AGAIN_MS = 15_000

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** A row of the shape as the list shows it. */
export function listedPipeline(row: Row): ListedPipeline {
  return {
    id: String(row['id']),
    teamId: String(row['team_id']),
    name: String(row['name'] ?? ''),
    status: row['status'] === 'archived' ? 'archived' : 'active',
    updatedAt: parseTimestamp(String(row['updated_at'] ?? '')),
    updatedBy: typeof row['updated_by'] === 'string' ? row['updated_by'] : null,
    steps: Number(row['step_count'] ?? 0),
    conflicts: Number(row['conflict_count'] ?? 0),
  }
}

/** Postgres writes "2026-11-12 14:06:00.123+00"; not every engine reads that as a date. */
function parseTimestamp(text: string): number {
  const iso = text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? 0 : ms
}
