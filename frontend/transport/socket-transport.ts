/** The sync protocol's client side, over socket.io-client. */
import { Observable, Subject } from 'rxjs'
import { io, type Socket } from 'socket.io-client'
import type { HandshakeCode } from '../../domain/protocol/codes.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import { ClockDecoder, ClockEncoder } from '../../domain/protocol/clock-coding.ts'
import {
  CLOCKS_AS_DELTAS,
  PROTOCOL_VERSION,
  SYNC_NAMESPACE,
  type ClientToServer,
  type EventsMessage,
  type Handshake,
  type OpenAnswer,
  type OpenMessage,
  type PresenceUpdate,
  type PushAnswer,
  type PushMessage,
  type RevokedMessage,
  type RoleMessage,
  type ServerToClient,
} from '../../domain/protocol/messages.ts'
import { ConnectRefused, Disconnected, type Link, type Transport } from '../replica/transport.ts'

/** Longer than the slowest commit of a full push on a busy server. */
const ANSWER_WITHIN_MS = 20_000
const CONNECT_WITHIN_MS = 10_000

type SyncSocket = Socket<ServerToClient, ClientToServer>

/** @param origin the server's address, such as `http://localhost:3000` */
export function createSocketTransport(origin: string): Transport {
  return {
    connect(token, replicaId) {
      const protocol = PROTOCOL_VERSION
      const auth: Handshake = { token, replicaId, protocol, clocks: CLOCKS_AS_DELTAS }
      // Reconnecting is the connection's own work: it knows the intervals and the reasons.
      const socket: SyncSocket = io(origin + SYNC_NAMESPACE, {
        auth,
        reconnection: false,
        forceNew: true,
        timeout: CONNECT_WITHIN_MS,
        transports: ['websocket', 'polling'],
      })
      return connected(socket)
    },
  }
}

function connected(socket: SyncSocket): Promise<Link> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(overtime)
      socket.disconnect()
      reject(error)
    }
    // The library's own limit ends with the transport's opening, before the server has answered.
    const overtime = setTimeout(() => fail(new Disconnected('no answer')), CONNECT_WITHIN_MS)
    socket.once('connect', () => {
      clearTimeout(overtime)
      resolve(linkOf(socket))
    })
    socket.once('connect_error', (error) => {
      const { data } = error as Error & { data?: { code: HandshakeCode; message: string } }
      fail(data ? new ConnectRefused(data.code, data.message) : new Disconnected(error.message))
    })
    // All that is heard of a transport that closes after it has opened, and before the answer.
    socket.once('disconnect', () => fail(new Disconnected()))
  })
}

function linkOf(socket: SyncSocket): Link {
  /** Waits for an acknowledgement; a connection that ends first rejects. */
  async function answered<T>(request: () => Promise<T>): Promise<T> {
    // The library would keep the message for a connection that never comes again.
    if (!socket.connected) throw new Disconnected()
    try {
      return await request()
    } catch (error) {
      // Without an answer nobody knows what arrived: only a new connection tells.
      socket.disconnect()
      throw new Disconnected(error instanceof Error ? error.message : undefined)
    }
  }

  const patient = socket.timeout(ANSWER_WITHIN_MS)
  const encoder = new ClockEncoder()
  /** An older server would refuse what it cannot read, and a refusal is for ever. */
  let takesDeltas = false

  async function open(message: OpenMessage): Promise<OpenAnswer> {
    const { clocks, ...answer } = await answered(() => patient.emitWithAck('open', message))
    if (clocks === CLOCKS_AS_DELTAS) takesDeltas = true
    return answer
  }

  function push(message: PushMessage): Promise<PushAnswer> {
    // Coded whether that is sent or not: both ends are to remember the same.
    const coded = message.events.map((event) => encoder.encode(event))
    const events = takesDeltas ? coded : message.events
    return answered(() => patient.emitWithAck('push', { ...message, events }))
  }

  return {
    events: decodedEvents(socket),
    presence: received<PresenceUpdate>(socket, 'presence'),
    revoked: received<RevokedMessage>(socket, 'revoked'),
    role: received<RoleMessage>(socket, 'role'),
    ended: ending(socket),
    open,
    push,
    close: async (pipelineId) =>
      void (await answered(() => patient.emitWithAck('close', { pipelineId }))),
    showPresence: (message) => void socket.volatile.emit('presence', message),
    end: () => void socket.disconnect(),
  }
}

/** Each message is decoded once, as it arrives, whoever listens: the next builds on it. */
function decodedEvents(socket: SyncSocket): Observable<EventsMessage> {
  const messages = new Subject<EventsMessage>()
  const decoder = new ClockDecoder()
  socket.on('events', (message) => {
    const events = message.events.map((stored) => {
      return { ...stored, event: decoder.decode(stored.event) as PipelineEvent }
    })
    messages.next({ ...message, events })
  })
  return messages.asObservable()
}

function received<T>(socket: SyncSocket, name: keyof ServerToClient): Observable<T> {
  return new Observable((observer) => {
    const listener = (message: unknown) => observer.next(message as T)
    socket.on(name, listener)
    return () => void socket.off(name, listener)
  })
}

/** Emits when the connection has ended; at once where it has ended already. */
function ending(socket: SyncSocket): Observable<void> {
  return new Observable((observer) => {
    const listener = () => {
      observer.next()
      observer.complete()
    }
    if (!socket.connected) return listener()
    socket.once('disconnect', listener)
    return () => void socket.off('disconnect', listener)
  })
}
