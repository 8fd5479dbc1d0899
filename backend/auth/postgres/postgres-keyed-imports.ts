import type { KeyedImports } from '../../http/keyed-imports.ts'
import type { AuthDatabase } from './auth-database.ts'

/** A key that was used longer ago may be used again for something else. */
const KEPT = '7 days'

interface Row {
  request: Buffer
  seed: string
  startedAt: Date
}

export function createPostgresKeyedImports({ query }: AuthDatabase): KeyedImports {
  return {
    async take({ accountId, key, request, seed, startedAt }) {
      await query(`DELETE FROM auth.keyed_import WHERE started_at < now() - interval '${KEPT}'`, [])
      // The row of an earlier request is read in a statement of its own: one that finds it through
      // a conflict does not see it yet.
      await query(
        `INSERT INTO auth.keyed_import (account_id, key, request, seed, started_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
        [accountId, key, request, seed, new Date(startedAt)],
      )
      const rows = await query(
        `SELECT request, seed, started_at AS "startedAt" FROM auth.keyed_import
          WHERE account_id = $1 AND key = $2`,
        [accountId, key],
      )
      const row = rows[0] as Row
      const isSame = row.request.equals(request)
      return isSame ? { seed: row.seed, startedAt: row.startedAt.getTime() } : null
    },
  }
}
