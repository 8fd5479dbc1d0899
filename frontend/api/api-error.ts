/** Why a request came to nothing. */

/** The server's own codes are passed on; these are the client's. */
export type ApiErrorCode = 'unreachable' | 'unauthenticated' | (string & {})

/** A refused or failed request: a code for programs, a sentence for people. */
export class ApiError extends Error {
  readonly code: ApiErrorCode
  /** The HTTP status; null where the server was not reached. */
  readonly status: number | null

  constructor(code: ApiErrorCode, message: string, status: number | null) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status
  }
}

/** The sentence to show for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.message
  return 'Something went wrong here. Try again, and reload the page if it stays.'
}
