import { expect } from 'chai'
import {
  readChanges,
  type FeedChange,
  type FeedPlace,
  type RowImage,
} from '../../../projections/postgres/change-feed.ts'
import type pg from 'pg'

/**
 * A follower of the feed that believes nothing: it replays every change into tables of its own, and
 * fails where a change does not continue what it has.
 */
export class ReplayedFeed {
  place: FeedPlace = { commit: 0, op: 0 }
  changes = 0
  private readonly tables = new Map<string, Map<string, RowImage>>()
  private isAtEndOfCommit = true

  /** Reads and replays what is there; the number of changes. */
  async catchUp(database: Pick<pg.ClientBase, 'query'>, pageSize = 100): Promise<number> {
    const before = this.changes
    for (;;) {
      const page = await readChanges(database, this.place, pageSize)
      page.forEach((change) => this.replay(change))
      if (page.length === 0) return this.changes - before
    }
  }

  /** The rows of a table as images, sorted by their text. */
  rows(table: string): RowImage[] {
    return sorted(this.tables.get(table)?.values() ?? [])
  }

  private replay(change: FeedChange): void {
    const { commit, op, isLast, operation, oldRow, newRow } = change
    const expected = this.isAtEndOfCommit
      ? { commit: this.place.commit + 1, op: 1 }
      : { commit: this.place.commit, op: this.place.op + 1 }
    expect({ commit, op }).to.deep.equal(expected)
    this.place = { commit, op }
    this.isAtEndOfCommit = isLast
    this.changes += 1

    const rows = this.tables.get(change.table) ?? new Map<string, RowImage>()
    this.tables.set(change.table, rows)
    if (operation === 'truncate') return rows.clear()
    const key = JSON.stringify(change.key)
    const what = `${commit}_${op}: ${operation} of ${change.table} ${key}`
    expect(rows.get(key) ?? null, what).to.deep.equal(oldRow)
    if (newRow) rows.set(key, newRow)
    else rows.delete(key)
  }
}

/** The rows of a table as the feed would print them. */
export async function imagesOf(database: Pick<pg.ClientBase, 'query'>, table: string) {
  const { rows } = await database.query<{ image: string }>(
    `SELECT image FROM change_feed.expressions('${table}'::regclass)`,
  )
  const images = await database.query<{ image: RowImage }>(
    `SELECT ${rows[0]!.image} AS image FROM ${table} r`,
  )
  return sorted(images.rows.map(({ image }) => image))
}

function sorted(images: Iterable<RowImage>): RowImage[] {
  const text = (image: RowImage) => JSON.stringify(Object.entries(image).sort())
  return [...images].sort((a, b) => (text(a) < text(b) ? -1 : 1))
}
