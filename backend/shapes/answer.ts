/** What a request is answered with, and every refusal of the protocol. */
import { MUST_REFETCH } from './shape-messages.ts'
import type { FieldErrors } from './shape-request.ts'
import type { ShapesUnavailable } from './shapes-unavailable.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Empty for none. */
  readonly body: string
}

export const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

/** Of errors, which no cache may keep. */
const NOT_KEPT = { 'cache-control': 'no-store', 'surrogate-control': 'no-store' }

/** @param members of the body, beside the sentence for people and the code for programs */
function refusal(
  status: number,
  members: { readonly message: string; readonly code: string; readonly errors?: FieldErrors },
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { ...JSON_TYPE, ...NOT_KEPT, ...headers },
    body: JSON.stringify(members),
  }
}

export const invalidRequest = (errors: FieldErrors): Answer =>
  refusal(400, { message: 'Invalid request', code: 'malformed', errors })

export const unauthenticated = (message: string): Answer =>
  refusal(401, { message, code: 'unauthenticated' }, { 'www-authenticate': 'Bearer' })

export const methodNotAllowed = (allow: string): Answer =>
  refusal(
    405,
    { message: `Only ${allow} can be sent to this address.`, code: 'method-not-allowed' },
    { allow },
  )

export const tooLarge = (message: string): Answer => refusal(413, { message, code: 'too-large' })

export const internalError = (): Answer =>
  refusal(500, {
    message: 'Something went wrong in the server. Try again; if it stays so, tell its operator.',
    code: 'internal',
  })

/** Seconds until a refused client may come back; the client waits longer each time by itself. */
const RETRY_AFTER: Readonly<Record<ShapesUnavailable['code'], number>> = {
  stopping: 1,
  unavailable: 1,
  database_unreachable: 2,
  concurrent_request_limit_exceeded: 5,
}

export function unavailable({ message, code }: ShapesUnavailable): Answer {
  const retryAfter = { 'retry-after': String(RETRY_AFTER[code]) }
  // A server that stops must not be asked again on the same connection.
  const connection = code === 'stopping' && { connection: 'close' }
  return refusal(503, { message, code }, { ...retryAfter, ...connection })
}

/** The shape cannot be continued: start again. @param handle of the shape to start with */
export function mustRefetch(handle: string): Answer {
  return {
    status: 409,
    headers: { ...JSON_TYPE, 'cache-control': 'no-store', 'electric-handle': handle },
    body: `[${MUST_REFETCH}]`,
  }
}
