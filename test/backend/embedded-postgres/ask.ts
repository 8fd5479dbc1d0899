import pg from 'pg'

/** Runs statements on a connection of their own; resolves with the rows of the last. */
export async function ask(
  url: string,
  ...statements: string[]
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  // The server may be killed under us: then the query tells.
  client.on('error', () => undefined)
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of statements) rows = (await client.query(statement)).rows
    return rows
  } finally {
    await client.end().catch(() => undefined)
  }
}
