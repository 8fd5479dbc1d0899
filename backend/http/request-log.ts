/**
 * One line for each request, and its figures. Neither holds an address as it was sent: invitations
 * carry their secret in the path. The route's pattern is written instead, and never a header.
 */
import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { knownCaller } from './authenticate.ts'
import type { Metrics } from './metrics.ts'

const ASKED_ID = /^[\w.-]{1,64}$/

/** The id by which a request is found in the log; the answer carries it as `X-Request-Id`. */
export function requestIdOf(response: Response): string {
  return String(response.getHeader('x-request-id') ?? '')
}

export function requestLog(log: Logger, metrics: Metrics): RequestHandler {
  const requests = metrics.counter('tributary_http_requests_total', 'HTTP requests answered.')
  const seconds = metrics.counter(
    'tributary_http_request_seconds_total',
    'Seconds from the arrival of HTTP requests to the end of their answers, summed up.',
  )
  return (request, response, next) => {
    const began = performance.now()
    const asked = request.get('x-request-id')
    const requestId = asked !== undefined && ASKED_ID.test(asked) ? asked : randomUUID()
    response.setHeader('x-request-id', requestId)
    response.once('close', () => {
      const route = routeOf(request)
      const { method } = request
      const status = response.statusCode
      const ms = Math.round(performance.now() - began)
      requests.add(1, { method, route, status: String(status) })
      seconds.add(ms / 1_000, { method, route })
      const userId = knownCaller(response)?.userId
      const line = { requestId, method, route, status, ms, ...(userId && { userId }) }
      // The editor's own files come by the dozen.
      if (route === OTHER) log.debug(line, 'request')
      else log.info(line, 'request')
    })
    next()
  }
}

const OTHER = 'other'

function routeOf(request: Request): string {
  const { path } = (request.route ?? {}) as { path?: unknown }
  return typeof path === 'string' && path !== '' ? path : OTHER
}
