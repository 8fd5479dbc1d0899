/**
 * The network between tabs and servers: messages take time, connections break, answers get lost.
 *
 * Within one connection messages keep their order, as over TCP, unless a fault says otherwise; a
 * push that is on its way when the connection breaks arrives all the same.
 */
import { Observable, Subject } from 'rxjs'
import type { SyncSession } from '../../backend/sync/sync-session.ts'
import { type Person } from '../../backend/sync/sync-session.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { ReplicaId } from '../../domain/ids.ts'
import type {
  EventsMessage,
  OpenAnswer,
  PresenceUpdate,
  PushAnswer,
  PushMessage,
  RevokedMessage,
  RoleMessage,
} from '../../domain/protocol/messages.ts'
import { Disconnected, type Link } from '../../frontend/replica/transport.ts'
import type { Cluster, ServerNode } from './cluster.ts'
import type { Life } from './life.ts'
import { delay, strikes, type World } from './world.ts'

const SLOWEST_MS = 120
/** How long a server may go on sending to somebody who is gone. */
const UNNOTICED_MS = 20_000
const LATEST_COPY_MS = 60_000

export interface Wire {
  readonly world: World
  readonly cluster: Cluster
  /** Of the tab at this end. */
  readonly life: Life
  readonly person: Person
  readonly replicaId: ReplicaId
  /** Whether the tab has a network now. */
  readonly isOnline: () => boolean
  /** What a tab of an older program makes of an event. */
  readonly read: (event: PipelineEvent) => PipelineEvent
  /** How long this tab's device takes to take something in, at most. */
  readonly slownessMs: () => number
}

/** Connects a tab to a server that is up. @throws Disconnected */
export async function connect(wire: Wire): Promise<Link> {
  const { world, cluster, life } = wire
  await delay(world, SLOWEST_MS)
  await life.pass()
  const node = wire.isOnline() ? cluster.anyNode() : null
  if (!node) throw new Disconnected('nobody answers')
  const { person, replicaId } = wire
  if (!(await cluster.replicas.claim(replicaId, person.actorId))) {
    throw new Error(`${replicaId} belongs to somebody else than ${person.name}`)
  }
  return new Connection(wire, node).link
}

let connections = 0

class Connection {
  readonly #wire: Wire
  readonly #node: ServerNode
  readonly #session: SyncSession
  readonly #down = {
    events: new Subject<EventsMessage>(),
    presence: new Subject<PresenceUpdate>(),
    revoked: new Subject<RevokedMessage>(),
    role: new Subject<RoleMessage>(),
  }
  readonly #ended = new Subject<void>()
  #isOpen = true
  /** When the last message of each direction arrives, so that none overtakes another. */
  readonly #lastArrival = { up: 0, down: 0 }

  constructor(wire: Wire, node: ServerNode) {
    this.#wire = wire
    this.#node = node
    connections += 1
    this.#session = node.newSession(wire.person, wire.replicaId, {
      id: `connection ${connections}`,
      sendEvents: (message) => void this.#sendEvents(message),
      sendRevoked: (message) => void this.#sendDown(() => this.#down.revoked.next(message)),
      sendRole: (message) => void this.#sendDown(() => this.#down.role.next(message)),
      drained: () => wire.world.time.sleep(wire.slownessMs()),
    })
    wire.life.onEnd(() => this.#cut())
    node.life.onEnd(() => this.#cut())
  }

  get link(): Link {
    const { events, presence, revoked, role } = this.#down
    return {
      ...{ events, presence, revoked, role },
      ended: new Observable((observer) =>
        this.#isOpen ? this.#ended.subscribe(observer) : observer.next(),
      ),
      open: (message) => this.#open(structuredClone(message)),
      push: (message) => this.#push(structuredClone(message)),
      close: (pipelineId) =>
        this.#ask(async () => void this.#session.close({ pipelineId }), 'close'),
      showPresence: () => undefined,
      end: () => this.#cut(),
    }
  }

  /** Both ends are told, the server perhaps much later. */
  #cut(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    const { world, life } = this.#wire
    void life.pass().then(() => this.#ended.next())
    void delay(world, UNNOTICED_MS).then(() => this.#node.endSession(this.#session))
  }

  async #open(message: Parameters<Link['open']>[0]): Promise<OpenAnswer> {
    let start: (() => void) | undefined
    const work = async () => {
      const opened = await this.#session.open(message)
      start = opened.start
      return opened.answer
    }
    return this.#ask(work, 'open', () => start?.())
  }

  async #push(message: PushMessage): Promise<PushAnswer> {
    const { world, cluster, person, replicaId } = this.#wire
    if (strikes(world, 'lateCopy')) {
      void delay(world, LATEST_COPY_MS).then(async () => {
        const node = cluster.anyNode()
        const session = node?.newSession(person, replicaId, deafConnection())
        const late = await session?.push(structuredClone(message))
        if (late && !late.ok && late.code === 'stale-epoch') world.witness.happens('fenced copy')
        if (session) node!.endSession(session)
      })
    }
    const answer = await this.#ask(() => this.#session.push(message), 'push')
    world.witness.answered(message, answer)
    return answer
  }

  /** Sends a request and waits for its answer. @throws Disconnected */
  #ask<T>(
    work: () => Promise<T>,
    kind: 'open' | 'push' | 'close',
    onAnswered: () => void = () => undefined,
  ): Promise<T> {
    if (!this.#isOpen) return Promise.reject(new Disconnected())
    const { world, life } = this.#wire
    return new Promise<T>((resolve, reject) => {
      this.#ended.subscribe(() => reject(new Disconnected()))
      const answering = async () => {
        await this.#travel('up')
        const isKept = this.#isOpen || kind === 'push'
        if (!this.#node.life.isAlive || !isKept) return
        const answer = structuredClone(await work())
        if (kind === 'push' && strikes(world, 'lostAnswer')) this.#cut()
        const arriving = this.#travel('down')
        onAnswered()
        await arriving
        await life.pass()
        if (this.#isOpen) resolve(answer)
      }
      void answering()
    })
  }

  async #sendEvents(message: EventsMessage): Promise<void> {
    const copy = structuredClone(message)
    const { world, read } = this.#wire
    const events = copy.events.map((stored) => ({ ...stored, event: read(stored.event) }))
    const deliver = () => this.#down.events.next({ ...copy, events })
    if (strikes(world, 'doubled')) void this.#sendDown(deliver)
    await this.#sendDown(deliver, strikes(world, 'overtaking'))
  }

  async #sendDown(deliver: () => void, overtakes = false): Promise<void> {
    await this.#travel('down', overtakes)
    await this.#wire.life.pass()
    if (this.#isOpen) deliver()
  }

  async #travel(way: 'up' | 'down', overtakes = false): Promise<void> {
    const { world, slownessMs } = this.#wire
    const { time, random } = world
    if (strikes(world, 'cut')) this.#cut()
    const slowest = SLOWEST_MS + (way === 'down' ? slownessMs() : 0)
    const arrival = time.now() + random.between(1, slowest)
    const inOrder = overtakes ? arrival : Math.max(arrival, this.#lastArrival[way])
    this.#lastArrival[way] = Math.max(this.#lastArrival[way], inOrder)
    await time.sleep(inOrder - time.now())
  }
}

/** Of somebody who sent a copy and is not there for the answer. */
function deafConnection() {
  connections += 1
  return {
    id: `late copy ${connections}`,
    sendEvents: () => undefined,
    sendRevoked: () => undefined,
    sendRole: () => undefined,
    drained: async () => undefined,
  }
}
