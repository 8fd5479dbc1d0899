/**
 * The protocol of /v1/shape, from a query to an answer.
 *
 * Who asks gets the rows of their teams, whatever the query says. A handle names a shape together
 * with the generation of its caller's memberships, and is worth nothing without the caller's own
 * token: it is compared with what the caller would be given now, every time, after waiting too.
 */
import { firstValueFrom, merge, Subject, timer, type Observable } from 'rxjs'
import { isPrincipal, type Authenticator, type Principal } from '../auth/authenticator.ts'
import {
  invalidRequest,
  JSON_TYPE,
  mustRefetch,
  tooLarge,
  unauthenticated,
  unavailable,
  type Answer,
} from './answer.ts'
import type { CallerScope, CallerScopes } from './caller-scopes.ts'
import { ShapeTooLarge } from './fill-shape.ts'
import { END_OF_SNAPSHOT, isAfter, printOffset, type Offset } from './offset.ts'
import type { KeptShape, ShapeCache } from './shape-cache.ts'
import type { ShapeDatabase } from './shape-database.ts'
import { defineShape, type ShapeDefinition } from './shape-definition.ts'
import type { ShapeFanOut } from './shape-fan-out.ts'
import type { ShapeLimits } from './shape-limits.ts'
import type { ShapeLog } from './shape-log.ts'
import { upToDate } from './shape-messages.ts'
import { InvalidRequest, readShapeRequest, type ShapeRequest } from './shape-request.ts'
import type { Shape } from './shape.ts'
import { ShapesUnavailable } from './shapes-unavailable.ts'
import { schemaHeader } from './table-info.ts'

export interface ShapeCall {
  readonly query: URLSearchParams
  /** The bearer's token. */
  readonly token: string | undefined
  /** The tags of answers that the caller has kept. */
  readonly ifNoneMatch: string | undefined
  /** Emits when nobody waits for the answer any more. */
  readonly gone: Observable<unknown>
}

export interface ShapeProtocolPorts {
  readonly authenticator: Authenticator
  readonly scopes: Pick<CallerScopes, 'of'>
  readonly database: Pick<ShapeDatabase, 'table'>
  readonly cache: Pick<ShapeCache, 'open'>
  readonly fanOut: Pick<ShapeFanOut, 'completed'>
  readonly limits: Pick<ShapeLimits, 'longPollMs' | 'waitingRequests'>
  /** Aborted when the server stops, with what every request is refused with from then on. */
  readonly stopping: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What the caller would be given now. */
interface Offer extends KeptShape {
  readonly scope: CallerScope
  readonly handle: string
}

/** What is sent of a shape, up to which place. */
interface Part {
  /** Between commas. */
  readonly messages: string
  readonly end: Offset
  /** The commit up to which the caller has everything; null where there is more to fetch. */
  readonly upToDate: number | null
}

export class ShapeProtocol {
  private readonly ports: ShapeProtocolPorts
  private waitingRequests = 0
  private answers = 0
  private readonly stopped = new Subject<void>()

  constructor(ports: ShapeProtocolPorts) {
    this.ports = ports
    ports.stopping.addEventListener('abort', () => this.stopped.next(), { once: true })
  }

  /** Requests that wait for news. */
  get waiting(): number {
    return this.waitingRequests
  }

  /** Every refusal of the protocol is an answer; what is thrown is a defect. */
  async answer(call: ShapeCall): Promise<Answer> {
    try {
      return await this.answerOrThrow(call)
    } catch (error) {
      if (error instanceof InvalidRequest) return invalidRequest(error.errors)
      if (error instanceof NotSignedIn) return unauthenticated(error.message)
      if (error instanceof ShapeTooLarge) return tooLarge(error.message)
      if (error instanceof ShapesUnavailable) return unavailable(error)
      throw error
    }
  }

  private async answerOrThrow(call: ShapeCall): Promise<Answer> {
    this.ports.stopping.throwIfAborted()
    const principal = await this.principalOf(call)
    const request = readShapeRequest(call.query)
    const table = await this.ports.database.table(request.schema, request.table)
    const definition = defineShape(request, table)
    const offer = await this.offer(definition, principal)
    if (request.handle !== null && request.handle !== offer.handle) return mustRefetch(offer.handle)

    const { shape, scope, ready } = offer
    const release = offer.hold()
    try {
      await ready
      if (request.isLive) {
        await this.news(call, request, offer, principal)
        // Who has signed out meanwhile gets nothing more.
        await this.principalOf(call)
      }
      const part = shape.hasEnded ? null : await this.read(shape, request)
      if (part && !shape.hasEnded && !scope.hasEnded) {
        return this.success(call, request, offer, part)
      }
      return mustRefetch((await this.offer(definition, principal)).handle)
    } finally {
      release()
    }
  }

  private async principalOf({ token }: ShapeCall): Promise<Principal> {
    const verified = await this.ports.authenticator.verify(token)
    if (isPrincipal(verified)) return verified
    if (verified.code === 'unauthenticated') throw new NotSignedIn(verified.message)
    throw new ShapesUnavailable('unavailable', verified.message)
  }

  private async offer(definition: ShapeDefinition, { userId }: Principal): Promise<Offer> {
    const scope = await this.ports.scopes.of(userId)
    const kept = this.ports.cache.open(definition, scope.teamIds)
    return { ...kept, scope, handle: `${kept.shape.id}-${scope.generation}` }
  }

  /** Waits until there is something to say. */
  private async news(
    { gone }: ShapeCall,
    { offset }: ShapeRequest,
    { shape, scope }: Offer,
    { expiresAt }: Principal,
  ): Promise<void> {
    if (offset === 'start' || offset === 'now' || shape.hasEnded || scope.hasEnded) return
    if (isInSnapshot(offset, shape.log) || isAfter(shape.log.lastOffset, placeInLog(offset))) return
    const { limits, stopping, now } = this.ports
    stopping.throwIfAborted()
    if (this.waitingRequests >= limits.waitingRequests) {
      throw new ShapesUnavailable(
        'concurrent_request_limit_exceeded',
        'Too many requests wait for news already. Try again in a moment.',
      )
    }
    const waitMs = Math.max(0, Math.min(limits.longPollMs, expiresAt - now()))
    this.waitingRequests += 1
    try {
      await firstValueFrom(merge(this.stopped, shape.news, scope.ended, gone, timer(waitMs)))
    } finally {
      this.waitingRequests -= 1
    }
    stopping.throwIfAborted()
  }

  private async read({ log }: Shape, { offset }: ShapeRequest): Promise<Part> {
    if (offset === 'start') return snapshotPart(log, 0)
    if (offset === 'now') {
      return { messages: '', end: log.lastOffset, upToDate: this.ports.fanOut.completed }
    }
    if (isInSnapshot(offset, log)) {
      return snapshotPart(log, offset.op + 1)
    }
    const place = placeInLog(offset)
    const { messages, end } = await log.readAfter(place)
    // From here on nothing is awaited: what the log has by now is all of every completed commit.
    const { completed } = this.ports.fanOut
    if (isAfter(place, end)) {
      // A commit that changed other shapes alone.
      if (place.commit > completed) throw new InvalidRequest({ offset: [OUT_OF_BOUNDS] })
      return { messages, end: place, upToDate: completed }
    }
    return { messages, end, upToDate: isAfter(log.lastOffset, end) ? null : completed }
  }

  private success(
    { ifNoneMatch }: ShapeCall,
    { offsetText, isLive, cursor }: ShapeRequest,
    { shape, handle }: Offer,
    { messages, end, upToDate: commit }: Part,
  ): Answer {
    const { definition } = shape
    const hasData = messages !== ''
    const offset = printOffset(end)
    this.answers += 1
    // Without changes the place says nothing of the answer, which tells how far the log is.
    const tag = `"${handle}:${offsetText}:${offset}${hasData ? '' : `:${this.answers}`}"`
    const headers = {
      // Everybody has a shape of their own behind the same address, and may lose it at any time.
      'cache-control': 'private, no-cache',
      etag: tag,
      'electric-handle': handle,
      'electric-offset': offset,
      'electric-has-data': String(hasData),
      ...(commit !== null && { 'electric-up-to-date': '' }),
      ...(isLive
        ? { 'electric-cursor': String(this.nextCursor(cursor)) }
        : { 'electric-schema': schemaHeader(definition.table, definition.columns) }),
    }
    if (ifNoneMatch?.split(',').some((kept) => kept.trim().replace(/^W\//, '') === tag)) {
      return { status: 304, headers, body: '' }
    }
    const all = [...(hasData ? [messages] : []), ...(commit === null ? [] : [upToDate(commit)])]
    return { status: 200, headers: { ...JSON_TYPE, ...headers }, body: `[${all.join(',')}]` }
  }

  /** The same for everybody who asks within one period, and always another than before. */
  private nextCursor(before: number): number {
    const { limits, now } = this.ports
    const period = Math.ceil(limits.longPollMs / 1_000)
    const present = Math.ceil((now() - CURSOR_EPOCH) / 1_000 / period) * period
    return present > before ? present : before + 1 + Math.floor(Math.random() * 3_600)
  }
}

class NotSignedIn extends Error {}

const OUT_OF_BOUNDS = 'out of bounds for this shape'
const CURSOR_EPOCH = Date.UTC(2024, 9, 9)

function isInSnapshot({ commit, op }: Offset, log: ShapeLog): boolean {
  return commit === 0 && op < log.snapshotChunks - 1
}

/** Whoever has the last chunk of the snapshot has all of it. */
function placeInLog(offset: Offset): Offset {
  return offset.commit === 0 ? END_OF_SNAPSHOT : offset
}

async function snapshotPart(log: ShapeLog, n: number): Promise<Part> {
  return { messages: await log.snapshotChunk(n), end: { commit: 0, op: n }, upToDate: null }
}
