/** Every error becomes problem details here: refusals as they are, everything else by its kind. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { AppendRefused, LogUnavailable } from '../../domain/log/event-log.ts'
import { AuthStoreUnavailable } from '../auth/auth-store.ts'
import { Problem } from './problem.ts'
import { requestIdOf } from './request-log.ts'

/** Answers an error that any handler threw. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const problem = problemOf(error)
    const requestId = requestIdOf(response)
    if (problem.status >= 500) log.error({ err: error, requestId }, 'A request failed.')
    if (response.headersSent) return next(error)
    sendProblem(response, problem)
  }
}

export function sendProblem(response: Response, { status, headers, body }: Problem): void {
  response
    .status(status)
    .set(headers)
    .type('application/problem+json')
    .send(JSON.stringify({ ...body, requestId: requestIdOf(response) }))
}

/** For every path of the interface that is no route. */
export const noSuchRoute: RequestHandler = () => {
  throw new Problem('not-found', 'There is nothing at this address.')
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof LogUnavailable || error instanceof AuthStoreUnavailable) {
    return new Problem(
      'unavailable',
      'The server cannot do this right now. Try again in a moment.',
      {
        headers: { 'retry-after': '1' },
      },
    )
  }
  if (error instanceof AppendRefused) return new Problem('malformed', error.message)
  return problemOfParser(error) ?? new Problem('internal', INTERNAL)
}

const INTERNAL =
  'Something went wrong in the server. Try again; if it stays so, tell its operator the request id.'

/** What express and its parsers throw carries a status, and says too little to be passed on. */
function problemOfParser(error: unknown): Problem | null {
  const { status, type, limit } = error as { status?: unknown; type?: unknown; limit?: unknown }
  if (typeof status !== 'number' || status < 400 || status >= 500) return null
  if (type === 'entity.parse.failed') {
    return new Problem('malformed', 'The body is not JSON. Send a JSON object, encoded as UTF-8.')
  }
  if (type === 'entity.too.large') {
    return new Problem('too-large', `The body may have at most ${String(limit)} bytes.`)
  }
  if (status === 415) {
    return new Problem('unsupported-media-type', 'Send the body as application/json in UTF-8.')
  }
  return new Problem('malformed', 'The request could not be read. Check its address and its body.')
}
