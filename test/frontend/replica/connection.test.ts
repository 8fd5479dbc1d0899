import { expect } from 'chai'
import { NEVER, of, switchMap, throwError, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import {
  connectionStates,
  type ConnectionPorts,
  type ConnectionState,
} from '../../../frontend/replica/connection.ts'
import { ConnectRefused, Disconnected, type Link } from '../../../frontend/replica/transport.ts'

const INTERVALS = [1_000, 2_000, 5_000, 10_000, 30_000]

/** What an attempt comes to; an observable, so that virtual time governs it. */
type Attempt = Observable<Link>

interface Story {
  /** In turn; the last one goes on for ever. */
  readonly attempts: readonly Attempt[]
  readonly online?: Observable<boolean>
  readonly retry?: Observable<unknown>
  readonly isOnline?: () => boolean
}

/** An observable of what happens at which time of the story, told in marbles. */
type Marbles = <T>(marbles: string, values?: Record<string, T>) => Observable<T>

/** A letter for a state: a dot for connecting, and C, w, o, s, u for what their words begin with. */
function letterOf(state: ConnectionState): string {
  if (state.kind === 'connecting') return '.'
  if (state.kind === 'connected') return 'C'
  return state.kind === 'waiting' ? state.reason[0]!.replace('u', 'w') : state.kind[0]!
}

/**
 * Plays a story for so many ms of virtual time; gives each state as `ms letter`.
 * @param tell is handed marbles that count from the story's start, and marbles that count from when
 * somebody subscribes
 */
function play(forMs: number, tell: (happens: Marbles, lasting: Marbles) => Story): string[] {
  const scheduler = new TestScheduler(
    (actual, expected) => void expect(actual).to.deep.equal(expected),
  )
  const seen: string[] = []
  scheduler.run(({ hot, cold }) => {
    const story = tell(hot as Marbles, cold as Marbles)
    const { attempts, online = NEVER, retry = NEVER, isOnline = () => true } = story
    let made = 0
    const ports: ConnectionPorts = {
      connect: () => attempts[Math.min(made++, attempts.length - 1)]!,
      intervals: INTERVALS,
      online,
      isOnline,
      retry: retry as Observable<void>,
      now: () => scheduler.now(),
      scheduler,
    }
    const subscription = connectionStates(ports).subscribe((state) => {
      seen.push(`${scheduler.now()} ${letterOf(state)}`)
      if (state.kind !== 'waiting') return
      expect(INTERVALS).to.include(state.retryAt - scheduler.now())
    })
    scheduler.schedule(() => subscription.unsubscribe(), forMs)
  })
  return seen
}

const fails: Attempt = throwError(() => new Disconnected())
const hangs: Attempt = NEVER
const refused = (code: ConstructorParameters<typeof ConnectRefused>[0]): Attempt =>
  throwError(() => new ConnectRefused(code, 'No.'))

/** A link, and how often it was told to end. */
function linkUntil(ended: Observable<unknown>) {
  const calls = { ends: 0 }
  const link = { ended, end: () => void (calls.ends += 1) } as unknown as Link
  return { calls, connects: of(link) }
}

describe('the connection, over time', () => {
  it('is tried again after 1, 2, 5, 10 and 30 s, and then every 30 s', () => {
    const seen = play(115_000, () => ({ attempts: [fails] }))
    const attemptsAt = [0, 1, 3, 8, 18, 48, 78, 108].map((s) => s * 1_000)
    expect(seen).to.deep.equal(attemptsAt.flatMap((ms) => [`${ms} .`, `${ms} w`]))
  })

  it('starts again at 1 s after every success', () => {
    const seen = play(20_000, (_, lasting) => ({
      attempts: [
        fails,
        fails,
        linkUntil(lasting('100ms x')).connects,
        fails,
        fails,
        linkUntil(lasting('100ms x')).connects,
        linkUntil(NEVER).connects,
      ],
    }))
    expect(seen).to.deep.equal([
      ...['0 .', '0 w', '1000 .', '1000 w', '3000 .', '3000 C'],
      ...['3100 w', '4100 .', '4100 w', '5100 .', '5100 w', '7100 .', '7100 C'],
      ...['7200 w', '8200 .', '8200 C'],
    ])
  })

  it('waits for an answer as long as it takes, and counts the pause from then', () => {
    const seen = play(12_000, (_, lasting) => ({
      attempts: [lasting('9s #', {}), linkUntil(NEVER).connects],
    }))
    expect(seen).to.deep.equal(['0 .', '9000 w', '10000 .', '10000 C'])
  })

  it('is tried at once when the browser is online again, and when somebody asks', () => {
    const attempts = [fails, linkUntil(NEVER).connects]
    const expected = ['0 .', '0 w', '300 .', '300 C']
    const online = play(9_000, (happens) => ({
      attempts,
      online: happens('300ms x', { x: true }),
    }))
    const retry = play(9_000, (happens) => ({ attempts, retry: happens('300ms x') }))
    expect(online).to.deep.equal(expected)
    expect(retry).to.deep.equal(expected)
  })

  it('goes on with the longer pause where asking was in vain', () => {
    const seen = play(9_000, (happens) => ({
      attempts: [fails],
      retry: happens('300ms x 99ms x'),
    }))
    expect(seen).to.deep.equal([
      ...['0 .', '0 w', '300 .', '300 w', '400 .', '400 w', '5400 .', '5400 w'],
    ])
  })

  it('says that it is offline where the browser says so', () => {
    const seen = play(3_500, () => ({ attempts: [fails], isOnline: () => false }))
    expect(seen).to.deep.equal(['0 .', '0 o', '1000 .', '1000 o', '3000 .', '3000 o'])
  })

  it('is given up at once when the browser goes offline, before the socket notices', () => {
    const { calls, connects } = linkUntil(NEVER)
    const seen = play(2_000, (happens) => ({
      attempts: [connects, fails],
      online: happens('500ms x', { x: false }),
      isOnline: () => calls.ends === 0,
    }))
    expect(seen).to.deep.equal(['0 .', '0 C', '500 o', '1500 .', '1500 o'])
    expect(calls.ends).to.equal(1)
  })

  it('does not mind being told that it is online while it is connected', () => {
    const { calls, connects } = linkUntil(NEVER)
    const seen = play(2_000, (happens) => ({
      attempts: [connects],
      online: happens('500ms x', { x: true }),
      retry: happens('700ms x'),
    }))
    expect(seen).to.deep.equal(['0 .', '0 C'])
    expect(calls.ends).to.equal(1)
  })

  it('ends each link once it is lost', () => {
    const { calls, connects } = linkUntil(of(null))
    play(500, () => ({ attempts: [connects] }))
    expect(calls.ends).to.equal(1)
  })

  it('waits for a retry alone once the session has ended', () => {
    const seen = play(100_000, (happens) => ({
      attempts: [refused('unauthenticated'), linkUntil(NEVER).connects],
      online: happens('300ms x', { x: true }),
      retry: happens('50s x'),
    }))
    expect(seen).to.deep.equal(['0 .', '0 s', '50000 .', '50000 C'])
  })

  it('waits for a retry alone where the server is too new for this program', () => {
    const seen = play(100_000, (happens) => ({
      attempts: [refused('protocol-too-old'), fails, linkUntil(NEVER).connects],
      retry: happens('50s x'),
    }))
    expect(seen).to.deep.equal(['0 .', '0 u', '50000 .', '50000 w', '52000 .', '52000 C'])
  })

  it('tries again by itself where the handshake failed for now', () => {
    for (const code of ['unavailable', 'malformed'] as const) {
      const seen = play(1_500, () => ({ attempts: [refused(code), linkUntil(NEVER).connects] }))
      expect(seen, code).to.deep.equal(['0 .', '0 w', '1000 .', '1000 C'])
    }
  })

  it('ends its link when nobody follows it any more', () => {
    const { calls, connects } = linkUntil(NEVER)
    play(1_000, () => ({ attempts: [connects] }))
    expect(calls.ends).to.equal(1)
  })

  it('ends a link that comes when nobody follows it any more', () => {
    const late = linkUntil(NEVER)
    play(1_000, (_, lasting) => ({
      attempts: [lasting('3s x', {}).pipe(switchMap(() => late.connects))],
    }))
    expect(late.calls.ends).to.equal(1)
    expect(play(1_000, () => ({ attempts: [hangs] }))).to.deep.equal(['0 .'])
  })

  it('bears being tried in vain for days', () => {
    const days = 4 * 24 * 3_600_000
    const seen = play(days, () => ({ attempts: [fails] }))
    expect(seen.length).to.be.greaterThan(2 * 11_000)
  })
})
