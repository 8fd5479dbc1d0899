/** The sync protocol over Socket.IO: handshakes, messages and acknowledgements. */
import type { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { ActorId, ReplicaId, TeamId } from '../../domain/ids.ts'
import { limits } from '../../domain/limits.ts'
import { ClockDecoder, ClockEncoder } from '../../domain/protocol/clock-coding.ts'
import type { HandshakeCode } from '../../domain/protocol/codes.ts'
import {
  CLOCKS_AS_DELTAS,
  handshakeSchema,
  PROTOCOL_VERSION,
  SYNC_NAMESPACE,
  type ClientToServer,
  type EventsMessage,
  type ServerToClient,
} from '../../domain/protocol/messages.ts'
import type { Role } from '../../domain/team/roles.ts'
import { refusal } from './check-event.ts'
import { createKeyedMutex } from './keyed-mutex.ts'
import { createPresenceBoard } from './presence-board.ts'
import type { ReplicaRegistry } from './replica-registry.ts'
import {
  nothingPushed,
  SyncSession,
  type Connection,
  type Person,
  type SessionPorts,
} from './sync-session.ts'
import { createTokenBucket } from './token-bucket.ts'

/** Who a token belongs to; null where it belongs to nobody any more. */
export type VerifyToken = (token: string) => Promise<Person | null>

export interface SyncServerPorts extends Omit<SessionPorts, 'presence'> {
  readonly verify: VerifyToken
  readonly claimReplica: ReplicaRegistry['claim']
  /** Calls back when somebody's role in a team changed; null when they left. */
  readonly onMembershipChange: (
    listener: (teamId: TeamId, userId: ActorId, role: Role | null) => void,
  ) => () => void
  readonly logger: { error(details: object, message: string): void }
  /** How often the sessions of all sockets are looked at again, in ms. */
  readonly verifyEveryMs?: number
}

export interface SyncServer {
  connections(): number
  stop(): Promise<void>
}

/** So long may a socket that only listens outlive its session. */
const VERIFY_EVERY_MS = 30_000
/** Pushes that one socket may make in a second. */
const PUSHES_PER_SECOND = 200
/** Packets that wait in a socket before its events pause: a slow reader must not fill the memory. */
const MAX_WAITING_PACKETS = 16

interface SocketData {
  readonly person: Person
  readonly replicaId: ReplicaId
  readonly token: string
  readonly takesDeltas: boolean
}

type SyncSocket = Socket<ClientToServer, ServerToClient, object, SocketData>

/** A handshake refused: Socket.IO hands `data` to the client's `connect_error`. */
class HandshakeRefused extends Error {
  readonly data: { readonly code: HandshakeCode; readonly message: string }
  constructor(code: HandshakeCode, message: string) {
    super(message)
    this.data = { code, message }
  }
}

export function startSyncServer(http: HttpServer, ports: SyncServerPorts): SyncServer {
  const io = new Server<ClientToServer, ServerToClient, object, SocketData>(http, {
    maxHttpBufferSize: limits.transportBytes,
    serveClient: false,
  })
  const namespace = io.of(SYNC_NAMESPACE)
  const presence = createPresenceBoard((connectionIds, update) => {
    namespace.to([...connectionIds]).volatile.emit('presence', update)
  })
  const sessions = new Map<string, SyncSession>()

  namespace.use((socket, next) => {
    admitConnection(socket, ports).then(
      (refused) => next(refused ?? undefined),
      (error: unknown) => {
        ports.logger.error({ error }, 'a handshake failed')
        next(new HandshakeRefused('unavailable', 'The server cannot sign anybody in right now.'))
      },
    )
  })

  namespace.on('connection', (socket) => {
    const { person, replicaId } = socket.data
    const bucket = createTokenBucket(PUSHES_PER_SECOND, ports.now)
    const session = new SyncSession(person, replicaId, connectionOf(socket), bucket, {
      ...ports,
      presence,
    })
    sessions.set(socket.id, session)
    listen(socket, session, ports)
    socket.on('disconnect', () => {
      sessions.delete(socket.id)
      session.end()
    })
  })

  const stopListening = ports.onMembershipChange((teamId, userId, role) => {
    for (const session of sessions.values()) {
      if (session.person.actorId === userId) session.roleChanged(teamId, role)
    }
  })

  const watch = setInterval(() => {
    for (const socket of namespace.sockets.values()) void endIfSignedOut(socket, ports)
  }, ports.verifyEveryMs ?? VERIFY_EVERY_MS)

  return {
    connections: () => sessions.size,
    async stop() {
      clearInterval(watch)
      stopListening()
      presence.stop()
      await io.close()
    },
  }
}

/** A session that cannot be looked up right now is believed until it can. */
async function endIfSignedOut(socket: SyncSocket, { verify, logger }: SyncServerPorts) {
  try {
    if (!(await verify(socket.data.token))) socket.disconnect(true)
  } catch (error) {
    logger.error({ error }, 'a session could not be looked at again')
  }
}

async function admitConnection(
  socket: SyncSocket,
  { verify, claimReplica }: SyncServerPorts,
): Promise<HandshakeRefused | null> {
  const parsed = handshakeSchema.safeParse(socket.handshake.auth)
  if (!parsed.success) {
    const { token, protocol } = socket.handshake.auth as Record<string, unknown>
    if (!token) return new HandshakeRefused('unauthenticated', 'Sign in first.')
    if (protocol === undefined) return new HandshakeRefused('protocol-too-old', TOO_OLD)
    return new HandshakeRefused(
      'malformed',
      'The handshake does not have the form of the protocol.',
    )
  }
  if (parsed.data.protocol < PROTOCOL_VERSION) {
    return new HandshakeRefused('protocol-too-old', TOO_OLD)
  }
  const person = await verify(parsed.data.token)
  if (!person)
    return new HandshakeRefused('unauthenticated', 'The session has ended. Sign in again.')
  if (!(await claimReplica(parsed.data.replicaId, person.actorId))) {
    return new HandshakeRefused('malformed', 'This replica belongs to somebody else.')
  }
  const { replicaId, token, clocks } = parsed.data
  socket.data = { person, replicaId, token, takesDeltas: clocks === CLOCKS_AS_DELTAS }
  return null
}

const TOO_OLD = 'This program is too old for the server. Reload the page to update it.'

function connectionOf(socket: SyncSocket): Connection {
  const encoder = new ClockEncoder()
  const coded = (message: EventsMessage) => ({
    ...message,
    events: message.events.map((stored) => ({ ...stored, event: encoder.encode(stored.event) })),
  })
  return {
    id: socket.id,
    sendEvents: (message) =>
      void socket.emit('events', socket.data.takesDeltas ? coded(message) : message),
    sendRevoked: (message) => void socket.emit('revoked', message),
    sendRole: (message) => void socket.emit('role', message),
    drained: () => drained(socket),
  }
}

/** Waits until the transport has handed on what was sent before, or is gone. */
async function drained(socket: SyncSocket): Promise<void> {
  const { conn } = socket
  // The buffer is public in the library's documentation, and private in its types.
  const waiting = () => (conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length
  while (socket.connected && waiting() > MAX_WAITING_PACKETS) {
    await new Promise<void>((resolve) => {
      const done = () => {
        conn.off('drain', done)
        conn.off('close', done)
        resolve()
      }
      conn.once('drain', done)
      conn.once('close', done)
    })
  }
}

/** Wires the messages of one socket. Each one checks again that the session still stands. */
function listen(socket: SyncSocket, session: SyncSession, ports: SyncServerPorts): void {
  const unavailable = refusal(
    'unavailable',
    'The server cannot answer right now. Trying again helps.',
  )

  async function guarded<T>(work: () => T | Promise<T>, otherwise: T): Promise<T> {
    try {
      if (await ports.verify(socket.data.token)) return await work()
      // Retried by the client, whose next handshake then says that the session has ended.
      setImmediate(() => socket.disconnect(true))
    } catch (error) {
      ports.logger.error({ error }, 'a message failed')
    }
    return otherwise
  }

  const inTurn = createKeyedMutex<'push' | 'open'>()
  socket.on('open', (message, reply) =>
    inTurn('open', async () => {
      const refused = { answer: { ok: false, ...unavailable } as const }
      const { answer, start } = await guarded<Awaited<ReturnType<SyncSession['open']>>>(
        () => session.open(message),
        refused,
      )
      acknowledge(reply, answer.ok ? { ...answer, clocks: CLOCKS_AS_DELTAS } : answer)
      if (socket.connected) start?.()
    }),
  )
  const decoder = new ClockDecoder()
  socket.on('push', (message, reply) => {
    const whole = withWholeClocks(message, decoder)
    // One after the other, so that pushes that follow each other closely keep their order.
    return inTurn('push', async () => {
      acknowledge(reply, await guarded(() => session.push(whole), nothingPushed(unavailable)))
    })
  })
  socket.on('close', (message, reply) =>
    // After the opening that it is to end.
    inTurn('open', async () => {
      acknowledge(reply, await guarded(() => session.close(message), { ok: false, ...unavailable }))
    }),
  )
  socket.on('presence', (message) => session.presence(message))
}

/** At once, in the order of arrival: what an event's clock builds on is what came before it. */
function withWholeClocks(message: unknown, decoder: ClockDecoder): unknown {
  const { events } = (message ?? {}) as { readonly events?: unknown }
  if (!Array.isArray(events)) return message
  return { ...(message as object), events: events.map((event) => decoder.decode(event)) }
}

/** A message sent without asking for an acknowledgement gets none. */
function acknowledge<T>(reply: ((answer: T) => void) | undefined, answer: T): void {
  if (typeof reply === 'function') reply(answer)
}
