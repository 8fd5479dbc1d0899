/**
 * For AUTH_MODE=insecure: only this machine's own pages and programs are answered.
 *
 * Listening on a loopback address keeps other machines out, but not the web pages that are open in
 * this machine's browser: one may point a name of its own at 127.0.0.1, and any may open a
 * WebSocket. Both betray themselves by the name in `Host` or in `Origin`.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isLoopback } from '../config/loopback.ts'
import { Problem } from './problem.ts'

const REFUSAL = new Problem('forbidden', 'Open Tributary as http://localhost or http://127.0.0.1.')

/** Puts the check before everything that listens on the server by now. */
export function answerLoopbackOnly(server: Server): void {
  for (const event of ['request', 'upgrade'] as const) {
    const listeners = server.listeners(event)
    server.removeAllListeners(event)
    server.on(event, (request: IncomingMessage, answer: ServerResponse | Socket, ...rest) => {
      if (!isLocal(request)) return refuse(answer)
      for (const listener of listeners) listener.call(server, request, answer, ...rest)
    })
  }
}

function isLocal({ headers: { host, origin } }: IncomingMessage): boolean {
  const hosts = [`http://${host ?? ''}`, ...(origin === undefined ? [] : [origin])]
  return hosts.every((url) => URL.canParse(url) && isLoopback(new URL(url).hostname))
}

function refuse(answer: ServerResponse | Socket): void {
  if (!('writeHead' in answer)) return void answer.destroy()
  const { status, body } = REFUSAL
  answer.writeHead(status, { 'content-type': 'application/problem+json' })
  answer.end(JSON.stringify(body))
}
