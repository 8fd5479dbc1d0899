/** /v1/shape as a listener of Node's HTTP server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromEvent } from 'rxjs'
import { internalError, methodNotAllowed, type Answer } from './answer.ts'
import type { ShapeCall } from './shape-protocol.ts'

export type ShapeListener = (request: IncomingMessage, response: ServerResponse) => void

export interface ShapeListenerPorts {
  readonly answer: (call: ShapeCall) => Promise<Answer>
  /** Whether pages of an origin may read the answers. */
  readonly isOriginAllowed: (origin: string) => boolean
  /** Gets what no answer was foreseen for. */
  readonly onError: (error: unknown) => void
}

const METHODS = 'GET, HEAD, OPTIONS'

/** Without these a page of another origin could not follow a shape. */
const EXPOSED = [
  ...['electric-cursor', 'electric-handle', 'electric-has-data', 'electric-offset'],
  ...['electric-schema', 'electric-up-to-date', 'electric-internal-known-error'],
  ...['electric-snapshot', 'etag', 'retry-after'],
].join(',')

/** Never throws and never rejects. Needs nothing in front of it but the path. */
export function createShapeListener(ports: ShapeListenerPorts): ShapeListener {
  const { answer, isOriginAllowed, onError } = ports

  async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    if (request.method === 'OPTIONS') return preflight()
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(METHODS)
    try {
      return await answer({
        query: queryOf(request),
        token: bearerOf(request),
        ifNoneMatch: request.headers['if-none-match'],
        gone: fromEvent(response, 'close'),
      })
    } catch (error) {
      onError(error)
      return internalError()
    }
  }

  return (request, response) => {
    response.setHeader('vary', 'Authorization, Origin')
    response.setHeader('x-content-type-options', 'nosniff')
    allowOrigin(request, response, isOriginAllowed)
    answerTo(request, response)
      .then(({ status, headers, body }) => {
        if (response.destroyed) return
        response.writeHead(status, { ...headers, ...lengthOf(status, body) })
        response.end(body)
      })
      .catch((error: unknown) => {
        onError(error)
        response.destroy()
      })
  }
}

function allowOrigin(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  isAllowed: (origin: string) => boolean,
): void {
  if (origin !== undefined && !isAllowed(origin)) return
  response.setHeader('access-control-allow-origin', origin ?? '*')
  response.setHeader('access-control-expose-headers', EXPOSED)
}

function preflight(): Answer {
  const headers = {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': 'authorization, content-type, if-none-match, traceparent',
    'access-control-max-age': '86400',
  }
  return { status: 204, headers, body: '' }
}

function lengthOf(status: number, body: string): Record<string, string> {
  const hasBody = status !== 204 && status !== 304
  return hasBody ? { 'content-length': String(Buffer.byteLength(body)) } : {}
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
}

/** The token of `Authorization: Bearer <token>`. */
function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}
