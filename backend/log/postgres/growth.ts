/**
 * Tells listeners that the log has grown: at once after own appends, by NOTIFY after those of other
 * nodes, and by looking every half second, since a notification is lost with its connection.
 */
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** Milliseconds between two looks, and before the next try to connect. */
const LOOK_EVERY_MS = 500

export interface Growth {
  /** The log's head is now at this position. */
  announce(head: number): void
  /** Returns what stops it. */
  subscribe(listener: () => void): () => void
  close(): Promise<void>
}

/** Connects with the first listener, with a connection of its own: it must not be a pooled one. */
export function createGrowth(connection: pg.ClientConfig): Growth {
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  let announced = 0
  let watching: Promise<void> | null = null

  function announce(head: number): void {
    // Any other head is news, a lower one too: a restored database starts again from there.
    if (head === announced) return
    announced = head
    // In a turn of their own: a listener that throws must not stop the append that told it.
    queueMicrotask(() => listeners.forEach((listener) => listener()))
  }

  async function watch(): Promise<void> {
    while (!closing.signal.aborted) {
      const client = new pg.Client(connection)
      // The connection is broken: the look that is due next fails, and a new one is made.
      client.on('error', () => undefined)
      client.on('notification', ({ payload }) => announce(Number(payload)))
      try {
        await client.connect()
        await client.query('LISTEN log_growth')
        for (;;) {
          const { rows } = await client.query<{ head: string }>(
            'SELECT coalesce(max(position), 0)::text AS head FROM log.event',
          )
          announce(Number(rows[0]!.head))
          await delay(LOOK_EVERY_MS, undefined, { signal: closing.signal })
        }
      } catch {
        // Closing, or the database is away: nothing can be announced until it is back.
        await delay(LOOK_EVERY_MS, undefined, { signal: closing.signal }).catch(() => undefined)
      } finally {
        await client.end().catch(() => undefined)
      }
    }
  }

  return {
    announce,
    subscribe(listener) {
      const own = () => listener()
      listeners.add(own)
      watching ??= watch()
      return () => listeners.delete(own)
    },
    async close() {
      closing.abort()
      listeners.clear()
      await watching
    },
  }
}
