/** Shapes cannot be served right now; the same request may succeed later. */
export class ShapesUnavailable extends Error {
  readonly code: UnavailableCode

  constructor(code: UnavailableCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ShapesUnavailable'
    this.code = code
  }
}

export type UnavailableCode =
  'database_unreachable' | 'concurrent_request_limit_exceeded' | 'stopping' | 'unavailable'
