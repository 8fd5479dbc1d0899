/**
 * Follows the change feed on one connection: reads when a commit is notified, and looks every now and
 * then in case a notification was lost.
 *
 * What was read once is not read again, and nothing is passed over: commits are numbered without
 * gaps, so that a gap shows that the feed was cut short while nobody could read it.
 */
import pg from 'pg'
import {
  concatMap,
  defer,
  merge,
  NEVER,
  Observable,
  of,
  repeat,
  retry,
  Subject,
  take,
  tap,
  timer,
} from 'rxjs'
import {
  CHANGE_FEED_CHANNEL,
  readChanges,
  type FeedPlace,
} from '../../../projections/postgres/change-feed.ts'
import type { FeedNews } from '../shape-database.ts'

/** Changes read at once. */
const PAGE = 1_000
/** Milliseconds between two looks without a notification. */
const LOOK_EVERY_MS = 1_000
const RETRY_MS = 100
const MAX_RETRY_MS = 5_000
/** After every change of a commit: ops are numbers of four bytes. */
const END_OF_COMMIT = 2 ** 31 - 1

export interface FollowFeedOptions {
  readonly connection: pg.ClientConfig
  /** The feed's place before the first change that is handed out. */
  readonly after: number
  readonly isWanted: () => boolean
  readonly onRetry: (error: unknown) => void
}

export function followFeed(options: FollowFeedOptions): Observable<FeedNews> {
  const { connection, isWanted, onRetry } = options
  return defer(() => {
    const reader = new FeedReader(options.after, isWanted)
    return listeningClient(connection).pipe(
      concatMap((client) => newsOf(client, reader)),
      retry({
        delay: (error, attempt) => {
          onRetry(error)
          return timer(Math.min(RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS))
        },
        resetOnSuccess: true,
      }),
    )
  })
}

/** A connection that is told of commits, for as long as it is subscribed to; fails when it breaks. */
function listeningClient(config: pg.ClientConfig): Observable<pg.Client> {
  return new Observable((subscriber) => {
    const client = new pg.Client(config)
    client.on('error', (error) => subscriber.error(error))
    client.on('end', () => subscriber.error(new Error('The connection to the feed has ended.')))
    client
      .connect()
      .then(() => client.query(`LISTEN ${CHANGE_FEED_CHANNEL}`))
      .then(
        () => subscriber.next(client),
        (error: unknown) => subscriber.error(error),
      )
    return () => void client.end().catch(() => undefined)
  })
}

/** Reads page after page; when there is no more, with the next notification or look. */
function newsOf(client: pg.Client, reader: FeedReader): Observable<FeedNews> {
  const notified = new Subject<void>()
  let mayHaveMore = false
  const onNotification = () => {
    mayHaveMore = true
    notified.next()
  }
  client.on('notification', onNotification)
  reader.connected()
  const nextPage = defer(() => {
    mayHaveMore = false
    return reader.read(client)
  }).pipe(
    tap(({ isFull }) => (mayHaveMore ||= isFull)),
    concatMap(({ news }) => (news ? of(news) : [])),
  )
  const whenMore = () =>
    mayHaveMore ? of(undefined) : merge(notified, timer(LOOK_EVERY_MS)).pipe(take(1))
  // Never complete: the connection is given up when nobody wants the news any more.
  return merge(nextPage.pipe(repeat({ delay: whenMore })), NEVER)
}

/** A place in the feed that only moves on, over pages that follow on each other. */
class FeedReader {
  private readonly isWanted: () => boolean
  private place: FeedPlace
  private mustCompare = false

  constructor(after: number, isWanted: () => boolean) {
    this.place = { commit: after, op: END_OF_COMMIT }
    this.isWanted = isWanted
  }

  /** The database may be another one than before. */
  connected(): void {
    this.mustCompare = true
  }

  async read(client: pg.ClientBase): Promise<{ news: FeedNews | null; isFull: boolean }> {
    if (!this.isWanted()) {
      const commit = await lastCommit(client)
      // Whoever began to want them meanwhile may not see them all in a snapshot.
      if (!this.isWanted()) return { news: this.leapTo(commit), isFull: false }
    }
    if (this.mustCompare) {
      const commit = await lastCommit(client)
      this.mustCompare = false
      if (commit < this.place.commit) return { news: this.leapTo(commit), isFull: true }
    }
    const changes = await readChanges(client, this.place, PAGE)
    const [first] = changes
    const last = changes.at(-1)
    if (!first || !last) return { news: null, isFull: false }
    if (!this.continues(first)) {
      return { news: this.leapTo(await lastCommit(client)), isFull: true }
    }
    this.place = { commit: last.commit, op: last.isLast ? END_OF_COMMIT : last.op }
    return { news: { kind: 'changes', changes }, isFull: changes.length === PAGE }
  }

  private continues({ commit, op }: FeedPlace): boolean {
    if (commit === this.place.commit) return op === this.place.op + 1
    return commit === this.place.commit + 1 && op === 1 && this.place.op === END_OF_COMMIT
  }

  private leapTo(commit: number): FeedNews | null {
    const { place } = this
    this.place = { commit, op: END_OF_COMMIT }
    const isNews = commit !== place.commit || place.op !== END_OF_COMMIT
    return isNews ? { kind: 'leap', commit } : null
  }
}

export async function lastCommit(client: Pick<pg.ClientBase, 'query'>): Promise<number> {
  const { rows } = await client.query<{ commit: string }>(
    'SELECT coalesce(max(commit_number), 0)::text AS commit FROM change_feed.commit',
  )
  return Number(rows[0]!.commit)
}
