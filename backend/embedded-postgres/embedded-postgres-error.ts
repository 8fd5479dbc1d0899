export type EmbeddedPostgresErrorCode =
  | 'data-dir-unusable'
  | 'postgres-missing'
  | 'postgres-as-root'
  | 'postgres-version-mismatch'
  | 'postgres-failed'

/** The embedded Postgres cannot start. The message is a sentence that says what to do next. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode

  constructor(code: EmbeddedPostgresErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'EmbeddedPostgresError'
    this.code = code
  }
}

/** The code of a Node system error ('ENOENT', 'EACCES', …), or null for anything else. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}
