/** Errors of the HTTP interface, as problem details (RFC 9457) with a `code` for programs. */

const problems = {
  malformed: [400, 'The request is malformed'],
  unauthenticated: [401, 'Signing in is needed'],
  forbidden: [403, 'Not allowed'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'Method not allowed'],
  'email-taken': [409, 'The e-mail address is taken'],
  'last-owner': [409, 'The last owner stays'],
  archived: [409, 'The pipeline is archived'],
  'too-large': [413, 'Too large'],
  'unsupported-media-type': [415, 'Not JSON'],
  'out-of-range': [422, 'Out of range'],
  'unknown-format': [422, 'Unknown format'],
  'no-importer': [422, 'No importer'],
  'key-reused': [422, 'Idempotency-Key used before'],
  'rate-limited': [429, 'Too many requests'],
  internal: [500, 'An error of the server'],
  unavailable: [503, 'Not available now'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof problems

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code)
}

export interface ProblemDetails {
  /** Further members of the answer. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A refused request. `detail` is a sentence for people that says what to do. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** What is sent. */
  readonly body: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, detail: string, { members, headers }: ProblemDetails = {}) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    const [status, title] = problems[code]
    this.status = status
    this.headers = headers ?? {}
    this.body = { type: 'about:blank', title, status, detail, code, ...members }
  }
}

/** Told to come back after a while. */
export function tooManyRequests(retryAfterMs: number, detail: string): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000))
  return new Problem('rate-limited', detail, {
    members: { retryAfterMs },
    headers: { 'retry-after': String(seconds) },
  })
}
