/**
 * One shape: the rows of a table that a clause selects within some teams, as a snapshot and the log
 * of their changes after it.
 *
 * - The snapshot and the log join exactly. The shape listens to the feed before its snapshot is
 *   taken; of what it hears, then and later, it keeps what the snapshot does not show. The feed may
 *   be behind: a commit that comes long after the snapshot may well be in it.
 * - The log grows by whole commits.
 * - What cannot be continued ends: the table was truncated or is another one now, the log has grown
 *   too large. Its followers start again with a new shape; an ended one never comes back.
 */
import { randomBytes } from 'node:crypto'
import { Subject } from 'rxjs'
import type { FeedChange, RowImage } from '../../projections/postgres/change-feed.ts'
import { isVisible, type PgSnapshot } from './pg-snapshot.ts'
import type { ShapeDefinition } from './shape-definition.ts'
import type { LogEntry, ShapeLog, ShapeStorage } from './shape-log.ts'
import { asLast, changeMessage } from './shape-messages.ts'
import { wherePredicate } from './where/where-predicate.ts'

interface Commit {
  readonly xid: string
  readonly entries: readonly LogEntry[]
}

export interface ShapeOptions {
  readonly definition: ShapeDefinition
  /** The column `team_id` of every row is one of these. */
  readonly teamIds: ReadonlySet<string>
  readonly storage: ShapeStorage
  /** Bytes that its log may have before the shape ends. */
  readonly maxLogBytes: number
}

export class Shape {
  /** Never used again for another shape, by any process. */
  readonly id = randomBytes(8).toString('hex')
  readonly definition: ShapeDefinition
  readonly teamIds: ReadonlySet<string>
  readonly log: ShapeLog
  /** Emits when the log has grown, and when the shape has ended. */
  readonly news = new Subject<void>()

  private readonly maxLogBytes: number
  private readonly isWanted: (row: RowImage) => boolean
  /** Changes of the commit that is being read. */
  private open: LogEntry[] = []
  private openXid = ''
  private snapshot: PgSnapshot | null = null
  /** Commits that were heard of before it is known what the snapshot shows. */
  private early: Commit[] = []
  private logBytes = 0
  private isEnded = false

  constructor({ definition, teamIds, storage, maxLogBytes }: ShapeOptions) {
    this.definition = definition
    this.teamIds = teamIds
    this.log = storage.create(this.id)
    this.maxLogBytes = maxLogBytes
    const satisfies = definition.where ? wherePredicate(definition.where) : () => true
    this.isWanted = (row) => teamIds.has(row['team_id'] ?? '') && satisfies(row)
  }

  get hasEnded(): boolean {
    return this.isEnded
  }

  /** The log has the whole snapshot: from here on it grows. */
  begin(snapshot: PgSnapshot): void {
    if (this.isEnded) return
    this.snapshot = snapshot
    for (const commit of this.early) this.append(commit, snapshot)
    this.early = []
  }

  /** Takes a change of its table; it shows when its commit is complete. */
  take(change: FeedChange): void {
    if (this.isEnded) return
    if (!this.canContinueWith(change)) return this.end()
    const message = changeMessage(this.definition, this.isWanted, change)
    if (message === null) return
    this.logBytes += Buffer.byteLength(message)
    if (this.logBytes > this.maxLogBytes) return this.end()
    this.open.push({ offset: { commit: change.commit, op: change.op }, message })
    this.openXid = change.xid
  }

  /** The commit whose changes were taken is complete. */
  completeCommit(): void {
    const last = this.open.pop()
    if (!last || this.isEnded) return
    const entries = [...this.open, { ...last, message: asLast(last.message) }]
    this.open = []
    const commit = { xid: this.openXid, entries }
    if (this.snapshot) this.append(commit, this.snapshot)
    else this.early.push(commit)
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.log.drop()
    this.open = []
    this.early = []
    this.news.next()
    this.news.complete()
  }

  private append({ xid, entries }: Commit, snapshot: PgSnapshot): void {
    if (isVisible(snapshot, xid)) return
    this.log.append(entries)
    this.news.next()
  }

  private canContinueWith({ relation, operation, oldRow, newRow }: FeedChange): boolean {
    const { table } = this.definition
    if (relation !== table.oid || operation === 'truncate') return false
    const row = newRow ?? oldRow
    return (
      row !== null &&
      Object.keys(row).length === table.columns.length &&
      table.columns.every(({ name }) => name in row)
    )
  }
}
