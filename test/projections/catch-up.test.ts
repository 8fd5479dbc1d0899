import { expect } from 'chai'
import { concat, defer, ignoreElements, type Observable, of, throwError, timer } from 'rxjs'
import { type RunHelpers, TestScheduler } from 'rxjs/testing'
import type { StoredEvent } from '../../domain/events/event.ts'
import type { Position } from '../../domain/ids.ts'
import { followLog, type FollowOptions } from '../../projections/catch-up.ts'

/**
 * A log in virtual time: it grows as a marble diagram says (`3` adds three events), a read takes a
 * frame, and handling a page takes four. `reads` and `pages` note when what happened, in frames.
 */
function scene(run: (scene: Scene) => void): void {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).to.deep.equal(expected)
  })
  scheduler.run((helpers) => run(new Scene(scheduler, helpers)))
}

const START = 10
const frames = (count: number) => timer(count).pipe(ignoreElements())

class Scene {
  readonly reads: string[] = []
  readonly pages: string[] = []
  listeners = 0
  readFrames = 1
  failReads = 0
  failPages = 0
  readonly helpers: RunHelpers
  private readonly scheduler: TestScheduler
  private length = START

  constructor(scheduler: TestScheduler, helpers: RunHelpers) {
    this.scheduler = scheduler
    this.helpers = helpers
  }

  follow(growth: string, options: FollowOptions = {}): Observable<Position> {
    const grown = this.helpers.hot(growth)
    // First of all, so that whoever is told of growth finds the events there.
    grown.subscribe((count) => (this.length += Number(count)))
    const log = {
      readAll: (after: Position, limit: number) => defer(() => this.read(after, limit)),
      onGrowth: (listener: () => void) => {
        this.listeners += 1
        const subscription = grown.subscribe(listener)
        return () => {
          this.listeners -= 1
          subscription.unsubscribe()
        }
      },
    }
    return followLog(log, START as Position, (page) => this.handle(page), {
      batchSize: 2,
      ...options,
    })
  }

  private read(after: Position, limit: number) {
    this.reads.push(`${this.scheduler.now()}: after ${after}`)
    if (this.failReads-- > 0) return throwError(() => new Error('the log is away'))
    const count = Math.max(0, Math.min(limit, this.length - after))
    const page = Array.from({ length: count }, (_, n) => ({ position: after + n + 1 }))
    return concat(frames(this.readFrames), of(page as StoredEvent[]))
  }

  private handle(page: readonly StoredEvent[]) {
    this.pages.push(`${this.scheduler.now()}: ${page.map(({ position }) => position).join(' ')}`)
    if (this.failPages-- > 0)
      return concat(
        frames(4),
        throwError(() => new Error('no')),
      )
    return concat(frames(4), of('ignored'), of('ignored'))
  }
}

/** Positions in marble diagrams: a is the start, b one event later, and so on. */
const positions = Object.fromEntries([...'abcdefghi'].map((letter, n) => [letter, START + n]))

describe('following the log', () => {
  it('hands over page by page, and reads the next one when the last is handled', () =>
    scene((scene) => {
      const { expectObservable, flush } = scene.helpers
      const following = scene.follow('5-------------------')
      expectObservable(following, '-^---------------!').toBe('------c----e----f', positions)
      flush()
      expect(scene.reads).to.deep.equal(['1: after 10', '6: after 12', '11: after 14'])
      expect(scene.pages).to.deep.equal(['2: 11 12', '7: 13 14', '12: 15'])
    }))

  it('says where it is when there is nothing to hand over', () =>
    scene((scene) => {
      scene.helpers.expectObservable(scene.follow('-----'), '^----!').toBe('-a', positions)
    }))

  it('waits for growth when it has everything', () =>
    scene((scene) => {
      const { expectObservable, flush } = scene.helpers
      const following = scene.follow('----------1---------1-------')
      expectObservable(following, '^--------------------------!').toBe(
        '-a-------------b---------c',
        positions,
      )
      flush()
      expect(scene.reads).to.deep.equal(['0: after 10', '10: after 10', '20: after 11'])
    }))

  it('looks once more, and once only, after growth during a page', () =>
    scene((scene) => {
      const { expectObservable, flush } = scene.helpers
      const following = scene.follow('---1-1-1--000---------------')
      expectObservable(following, '^-----------------------!').toBe('-a------b----dd', positions)
      flush()
      expect(scene.pages).to.deep.equal(['4: 11', '9: 12 13'])
      expect(scene.reads).to.deep.equal([
        '0: after 10',
        '3: after 10',
        '8: after 11',
        '13: after 13',
      ])
    }))

  it('loses no growth that is announced while a look finds nothing', () =>
    scene((scene) => {
      const { expectObservable, flush } = scene.helpers
      scene.readFrames = 5
      expectObservable(scene.follow('--1-----'), '^ 20ms !').toBe('-----a 8ms b', positions)
      flush()
      expect(scene.reads).to.deep.equal(['0: after 10', '5: after 10'])
    }))

  it('tries a failed read again, waiting longer each time up to a bound', () =>
    scene((scene) => {
      const { expectObservable, flush } = scene.helpers
      const attempts: number[] = []
      scene.failReads = 5
      const following = scene.follow('1', {
        retryMs: 10,
        maxRetryMs: 30,
        onRetry: (_, attempt) => attempts.push(attempt),
      })
      expectObservable(following, '^ 200ms !').toBe('125ms b', positions)
      flush()
      expect(scene.reads.map((read) => Number.parseInt(read))).to.deep.equal([
        0, 10, 30, 60, 90, 120,
      ])
      expect(attempts).to.deep.equal([1, 2, 3, 4, 5])
    }))

  it('hands a page over again that was not handled, and waits briefly again after a success', () =>
    scene((scene) => {
      const { expectObservable, flush, hot } = scene.helpers
      const attempts: string[] = []
      scene.failPages = 1
      const following = scene.follow('2 45ms 1', {
        retryMs: 20,
        onRetry: (error, attempt) => attempts.push(`${(error as Error).message} ${attempt}`),
      })
      hot('40ms x').subscribe(() => (scene.failPages = 1))
      expectObservable(following, '^ 120ms !').toBe('-a 29ms cc 43ms d', positions)
      flush()
      expect(scene.pages).to.deep.equal(['2: 11 12', '27: 11 12', '47: 13', '72: 13'])
      expect(attempts).to.deep.equal(['no 1', 'no 1'])
    }))

  it('ends with an error that is final', () =>
    scene((scene) => {
      scene.failReads = 1
      const following = scene.follow('1', { isFinal: () => true })
      scene.helpers.expectObservable(following).toBe('#', {}, new Error('the log is away'))
    }))

  it('reads and listens no more when nobody follows', () =>
    scene((scene) => {
      const { expectObservable, flush } = scene.helpers
      expectObservable(scene.follow('4------------1'), '^--!').toBe('-a-', positions)
      flush()
      expect(scene.pages).to.deep.equal(['2: 11 12'])
      expect(scene.reads).to.deep.equal(['0: after 10', '1: after 10'])
      expect(scene.listeners).to.equal(0)
    }))
})
