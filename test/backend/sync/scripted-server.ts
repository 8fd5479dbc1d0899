/** A socket server that says what a test tells it to, to see what a client makes of that. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { SYNC_NAMESPACE } from '../../../domain/protocol/messages.ts'

export interface ScriptedServer {
  readonly origin: string
  /** The `auth` of every handshake. */
  readonly handshakes: unknown[]
  /** Refuses the handshakes from now on, with this as their data. */
  refuse: { readonly code: string; readonly message: string } | null
  /** The connections that stand. */
  sockets(): Socket[]
  onConnection(listener: (socket: Socket) => void): void
  stop(): Promise<void>
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const http = createServer()
  const io = new Server(http)
  const namespace = io.of(SYNC_NAMESPACE)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: ScriptedServer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    handshakes: [],
    refuse: null,
    sockets: () => [...namespace.sockets.values()],
    onConnection: (listener) => void namespace.on('connection', listener),
    stop: async () => io.close(),
  }
  namespace.use((socket, next) => {
    server.handshakes.push(socket.handshake.auth)
    const { refuse } = server
    next(refuse ? Object.assign(new Error(refuse.message), { data: refuse }) : undefined)
  })
  return server
}
