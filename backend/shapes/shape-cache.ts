/**
 * The shapes that are kept ready, each for everybody who may see the same rows of it. Unused ones go
 * after a while, the least recently used first where room is needed.
 */
import { interval, type Subscription } from 'rxjs'
import { whereSql } from './postgres/where-sql.ts'
import type { ShapeDefinition } from './shape-definition.ts'
import type { ShapeFanOut } from './shape-fan-out.ts'
import type { ShapeLimits } from './shape-limits.ts'
import type { ShapeStorage } from './shape-log.ts'
import { Shape } from './shape.ts'
import { ShapesUnavailable } from './shapes-unavailable.ts'

export interface KeptShape {
  readonly shape: Shape
  /** Resolves when the snapshot is there; rejected where it cannot be taken. */
  readonly ready: Promise<void>
  /** Keeps the shape until what is returned is called. */
  hold(): () => void
}

export interface ShapeCacheOptions {
  readonly storage: ShapeStorage
  readonly fanOut: Pick<ShapeFanOut, 'add' | 'remove'>
  /** Takes a shape's snapshot. */
  readonly fill: (shape: Shape) => Promise<void>
  /** Called after a shape has ended. */
  readonly onEnd: () => void
  /** Bytes of one shape's snapshot, and of its log. */
  readonly maxShapeBytes: number
  /** Milliseconds for which an unused shape is kept. */
  readonly idleMs: number
  readonly limits: Pick<ShapeLimits, 'shapes' | 'totalBytes' | 'sweepEveryMs'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

interface Entry extends KeptShape {
  readonly identity: string
  users: number
  usedAt: number
}

export class ShapeCache {
  private readonly options: ShapeCacheOptions
  /** By identity, oldest use first. */
  private readonly entries = new Map<string, Entry>()
  private readonly sweeping: Subscription

  constructor(options: ShapeCacheOptions) {
    this.options = options
    this.sweeping = interval(options.limits.sweepEveryMs).subscribe(() => this.sweep())
  }

  get count(): number {
    return this.entries.size
  }

  /** Of all shapes together. */
  get bytes(): number {
    let sum = 0
    for (const { shape } of this.entries.values()) sum += shape.log.bytes
    return sum
  }

  /**
   * The shape of a definition within some teams, made where there is none.
   * @throws ShapesUnavailable where there is no room for one more
   */
  open(definition: ShapeDefinition, teamIds: ReadonlySet<string>): KeptShape {
    const identity = identityOf(definition, teamIds)
    const known = this.entries.get(identity)
    if (known) return known
    this.makeRoom()
    return this.create(identity, definition, teamIds)
  }

  /** Ends every shape. */
  stop(): void {
    this.sweeping.unsubscribe()
    for (const { shape } of [...this.entries.values()]) shape.end()
  }

  private create(
    identity: string,
    definition: ShapeDefinition,
    teamIds: ReadonlySet<string>,
  ): KeptShape {
    const { storage, fanOut, fill, maxShapeBytes, now } = this.options
    const shape = new Shape({ definition, teamIds, storage, maxLogBytes: maxShapeBytes })
    // It listens first and looks at the table then: what happens between is not missed.
    fanOut.add(shape)
    shape.news.subscribe({
      complete: () => {
        fanOut.remove(shape)
        this.entries.delete(identity)
        this.options.onEnd()
      },
    })
    const ready = fill(shape)
    ready.catch(() => shape.end())
    const entry: Entry = {
      identity,
      shape,
      ready,
      users: 0,
      usedAt: now(),
      hold: () => {
        entry.users += 1
        return () => {
          entry.users -= 1
          this.touch(entry)
        }
      },
    }
    this.entries.set(identity, entry)
    return entry
  }

  private touch(entry: Entry): void {
    if (entry.shape.hasEnded) return
    entry.usedAt = this.options.now()
    this.entries.delete(entry.identity)
    this.entries.set(entry.identity, entry)
  }

  /** The unused ones, oldest use first. */
  private idle(): Entry[] {
    return [...this.entries.values()].filter(({ users }) => users === 0)
  }

  private makeRoom(): void {
    const { shapes, totalBytes } = this.options.limits
    const isFull = () => this.entries.size >= shapes || this.bytes > totalBytes
    if (!isFull()) return
    for (const { shape } of this.idle()) {
      shape.end()
      if (!isFull()) return
    }
    throw new ShapesUnavailable(
      'concurrent_request_limit_exceeded',
      'The server follows as many shapes as it can. Try again in a moment.',
    )
  }

  private sweep(): void {
    const { idleMs, limits, now } = this.options
    for (const { shape, usedAt } of this.idle()) {
      if (now() - usedAt < idleMs && this.bytes <= limits.totalBytes) return
      shape.end()
    }
  }
}

function identityOf(definition: ShapeDefinition, teamIds: ReadonlySet<string>): string {
  const { table, columns, where, replica, log } = definition
  const condition = where && whereSql(where, 1)
  return JSON.stringify([table.oid, columns, condition, replica, log, [...teamIds].sort()])
}
