/**
 * Follows the log: hands over every event after a position, page by page, for as long as somebody
 * subscribes.
 *
 * - Every event is handed over, in the order of positions, at least once: a page that was not
 *   handled is read again.
 * - Back-pressure: the next page is read when the last one is handled, so that a slow follower holds
 *   one page in memory and costs the log nothing.
 * - No wakeup is lost: growth that is announced while a page is on its way leads to another look.
 * - Errors are retried from the last handled position, waiting longer each time up to a bound.
 */
import {
  concatMap,
  defer,
  endWith,
  from,
  ignoreElements,
  Observable,
  of,
  repeat,
  retry,
  Subject,
  take,
  tap,
  throwError,
  timer,
  type ObservableInput,
} from 'rxjs'
import type { StoredEvent } from '../domain/events/event.ts'
import type { Position } from '../domain/ids.ts'

/** What following needs of an event log; every `EventLog` is one. */
export interface GrowingLog {
  readAll(after: Position, limit: number): ObservableInput<readonly StoredEvent[]>
  onGrowth(listener: () => void): () => void
}

/** Deals with a page of at least one event; the page is handled when what it returns completes. */
export type HandlePage = (page: readonly StoredEvent[]) => ObservableInput<unknown>

export interface FollowOptions {
  /** Events per page. */
  readonly batchSize?: number
  /** Milliseconds before the first retry; doubled for each that follows. */
  readonly retryMs?: number
  /** Milliseconds before a retry at most. */
  readonly maxRetryMs?: number
  /** Called before each wait; `attempt` counts from 1 since a page was last handled. */
  readonly onRetry?: (error: unknown, attempt: number) => void
  /** Errors that end the following instead; none by default. */
  readonly isFinal?: (error: unknown) => boolean
}

const BATCH_SIZE = 500
const RETRY_MS = 100
const MAX_RETRY_MS = 10_000

/**
 * The position of the last handled event, after every look at the log. Never completes; unsubscribing stops it,
 * and leaves a page that is being handled to its handler.
 */
export function followLog(
  log: GrowingLog,
  after: Position,
  handle: HandlePage,
  options: FollowOptions = {},
): Observable<Position> {
  const { batchSize = BATCH_SIZE } = options
  return new Observable<Position>((follower) => {
    const wakeups = new Subject<void>()
    let handled = after
    let mayHaveMore = false
    follower.add(
      log.onGrowth(() => {
        mayHaveMore = true
        wakeups.next()
      }),
    )
    const nextPage = defer(() => {
      mayHaveMore = false
      return from(log.readAll(handled, batchSize))
    }).pipe(
      concatMap((page) => {
        const last = page.at(-1)
        if (!last) return of(handled)
        if (page.length >= batchSize) mayHaveMore = true
        return from(handle(page)).pipe(
          ignoreElements(),
          endWith(last.position),
          tap((position) => (handled = position)),
        )
      }),
    )
    const whenMore = () => (mayHaveMore ? of(undefined) : wakeups.pipe(take(1)))
    nextPage
      .pipe(
        retry({ delay: retryDelay(options), resetOnSuccess: true }),
        repeat({ delay: whenMore }),
      )
      .subscribe(follower)
  })
}

function retryDelay({
  retryMs = RETRY_MS,
  maxRetryMs = MAX_RETRY_MS,
  onRetry,
  isFinal,
}: FollowOptions) {
  return (error: unknown, attempt: number): Observable<unknown> => {
    if (isFinal?.(error)) return throwError(() => error)
    onRetry?.(error, attempt)
    return timer(Math.min(retryMs * 2 ** (attempt - 1), maxRetryMs))
  }
}
