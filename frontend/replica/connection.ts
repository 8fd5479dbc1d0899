/**
 * The connection to the server over time, as one stream of states.
 *
 *     connecting --> connected --> waiting --> connecting ...
 *         |                          ^
 *         +-- not answered ----------+   after 1, 2, 5, 10, 30 s; at once on `online` and on retry
 *         +-- signed out, upgrade required: waits for a retry alone
 *
 * The pauses start again at the shortest after every success. A connection is given up as soon as
 * the browser says that the network is gone: a socket would notice half a minute later.
 */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  from,
  ignoreElements,
  merge,
  Observable,
  of,
  race,
  repeat,
  switchMap,
  take,
  timer,
  type ObservableInput,
  type SchedulerLike,
} from 'rxjs'
import type { SyncStatus } from './replica.ts'
import { ConnectRefused, type Link } from './transport.ts'

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly link: Link }
  | {
      readonly kind: 'waiting'
      readonly reason: 'offline' | 'unreachable'
      /** Milliseconds since 1970. */
      readonly retryAt: number
    }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'upgrade-required' }

export interface ConnectionPorts {
  readonly connect: () => ObservableInput<Link>
  /** Pauses before attempts, in milliseconds; the last one repeats. */
  readonly intervals: readonly number[]
  /** Tells when the browser's idea of the network changes. */
  readonly online: Observable<boolean>
  readonly isOnline: () => boolean
  /** Somebody asks to try now. */
  readonly retry: Observable<void>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly scheduler?: SchedulerLike
}

/** The states, for as long as somebody subscribes; unsubscribing ends the connection. */
export function connectionStates(ports: ConnectionPorts): Observable<ConnectionState> {
  return defer(() => {
    let failed = 0
    const attempt = defer(() => {
      let refused: ConnectionState | null = null
      failed += 1
      const connecting: ConnectionState = { kind: 'connecting' }
      const connected = linkOf(ports.connect).pipe(
        switchMap((link) => {
          failed = 0
          return whileConnected(link, ports)
        }),
        catchError((error: unknown) => {
          refused = stateOfRefusal(error)
          return EMPTY
        }),
      )
      const after = defer(() => (refused ? untilRetry(refused, ports) : pause(failed, ports)))
      return concat(of(connecting), connected, after)
    })
    return attempt.pipe(repeat())
  })
}

/** The link of an attempt; one that comes when nobody waits for it any more is ended. */
function linkOf(connect: ConnectionPorts['connect']): Observable<Link> {
  return new Observable((waiting) => {
    from(connect()).subscribe({
      next: (link) => (waiting.closed ? link.end() : waiting.next(link)),
      error: (error: unknown) => waiting.error(error),
      complete: () => waiting.complete(),
    })
  })
}

function untilRetry(
  refused: ConnectionState,
  { retry }: ConnectionPorts,
): Observable<ConnectionState> {
  return concat(of(refused), retry.pipe(take(1), ignoreElements()))
}

function whileConnected(link: Link, { online }: ConnectionPorts): Observable<ConnectionState> {
  const lost = merge(link.ended, online.pipe(filter((isOnline) => !isOnline)))
  const state: ConnectionState = { kind: 'connected', link }
  return concat(of(state), lost.pipe(take(1), ignoreElements())).pipe(finalize(() => link.end()))
}

function pause(failed: number, ports: ConnectionPorts): Observable<ConnectionState> {
  const { intervals, isOnline, now, online, retry, scheduler } = ports
  const wait = intervals[Math.min(Math.max(failed, 1), intervals.length) - 1] ?? 1_000
  const reason = isOnline() ? 'unreachable' : 'offline'
  const waiting: ConnectionState = { kind: 'waiting', reason, retryAt: now() + wait }
  const backOnline = online.pipe(filter((is) => is))
  const over = race(timer(wait, scheduler), backOnline, retry).pipe(take(1), ignoreElements())
  return concat(of(waiting), over)
}

function stateOfRefusal(error: unknown): ConnectionState | null {
  if (!(error instanceof ConnectRefused)) return null
  if (error.code === 'unauthenticated') return { kind: 'signed-out' }
  return error.code === 'protocol-too-old' ? { kind: 'upgrade-required' } : null
}

/** What of the sync status follows from the connection. */
export function statusOf(state: ConnectionState): Pick<SyncStatus, 'connection' | 'nextRetryAt'> {
  if (state.kind === 'waiting') return { connection: state.reason, nextRetryAt: state.retryAt }
  return { connection: state.kind, nextRetryAt: null }
}
