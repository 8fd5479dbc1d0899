/**
 * The address of the server, taken before anything else is started: an address that cannot be had is
 * told at once, and nobody else gets it meanwhile. Until the server is ready, every request is
 * told to come back.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Problem } from '../http/problem.ts'
import { listen } from './listen.ts'

const NOT_READY = new Problem('unavailable', 'The server is starting. Try again in a moment.')
/** A start takes a second, a first one some more. */
const RETRY_AFTER_S = '1'

export interface FrontDoor {
  readonly port: number
  /**
   * Hands all further requests to the listener that is ready now.
   * @returns the server, to which others may attach themselves too, and whose closing is theirs
   */
  open(listener: (request: IncomingMessage, answer: ServerResponse) => void): Server
  /** Stops listening, if it still does, and cuts off who is connected. */
  close(): Promise<void>
}

/** @throws StartError */
export async function takeAddress(host: string, port: number): Promise<FrontDoor> {
  const server = createServer(answerNotReady)
  const taken = await listen(server, host, port)
  return {
    port: taken,
    open(listener) {
      server.off('request', answerNotReady).on('request', listener)
      return server
    },
    async close() {
      if (!server.listening) return
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function answerNotReady(_request: IncomingMessage, answer: ServerResponse): void {
  const { status, body } = NOT_READY
  answer.writeHead(status, {
    'content-type': 'application/problem+json',
    'retry-after': RETRY_AFTER_S,
    // What the request carries is not read, so nothing can follow it.
    connection: 'close',
  })
  answer.end(JSON.stringify(body))
}
