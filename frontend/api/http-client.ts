/** Requests as JSON with the bearer token, and every failure as one kind of error. */
import { ApiError } from './api-error.ts'

export interface HttpClientOptions {
  /** Null while nobody is signed in. */
  readonly token: () => string | null
  /** Called when the server no longer takes the token. */
  readonly onSignedOut: () => void
  readonly fetch: typeof globalThis.fetch
}

export interface HttpClient {
  /**
   * Sends a request and gives the answer's JSON, or undefined for an empty answer.
   * @throws ApiError
   */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<unknown>
}

const UNREACHABLE = 'The server cannot be reached. Check the network, then try again.'

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { token, onSignedOut, fetch } = options
  return {
    async send(method, path, body, headers = {}) {
      const bearer = token()
      const response = await fetch(path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }).catch(() => {
        throw new ApiError('unreachable', UNREACHABLE, null)
      })
      const answer = await jsonOf(response)
      if (response.ok) return answer
      // A wrong password is also answered with 401; only a token that was sent can have ended.
      if (response.status === 401 && bearer !== null && token() === bearer) onSignedOut()
      throw problemOf(response.status, answer)
    },
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => {
    throw new ApiError('unreachable', UNREACHABLE, null)
  })
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    // A proxy or a captive portal answered instead of the server.
    throw new ApiError('unreachable', UNREACHABLE, response.status)
  }
}

/** Reads RFC 9457 problem details; anything else becomes a sentence about the status. */
function problemOf(status: number, answer: unknown): ApiError {
  const problem = typeof answer === 'object' && answer !== null ? answer : {}
  const { code, detail, title } = problem as Record<string, unknown>
  const sentence = [detail, title].find((text) => typeof text === 'string' && text !== '')
  return new ApiError(
    typeof code === 'string' ? code : `http-${status}`,
    typeof sentence === 'string' ? sentence : sentenceForStatus(status),
    status,
  )
}

function sentenceForStatus(status: number): string {
  if (status === 401) return 'Sign in to go on.'
  if (status === 403) return 'You are not allowed to do this. Ask an owner of the team.'
  if (status === 404) return 'This is not here. It may have been removed, or you have no access.'
  if (status === 429) return 'Too many attempts. Wait a minute, then try again.'
  if (status >= 500) return 'The server could not do this now. Try again in a moment.'
  return 'The server refused this.'
}
