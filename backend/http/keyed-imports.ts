import type { ActorId } from '../../domain/ids.ts'

/** What an import makes its ids and times of: the same of both gives the same import. */
export interface ImportOrigin {
  readonly seed: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

export interface ImportClaim extends ImportOrigin {
  readonly accountId: ActorId
  /** The Idempotency-Key. */
  readonly key: string
  /** SHA-256 of what is asked for. */
  readonly request: Uint8Array
}

/** Imports that were asked for under an Idempotency-Key. */
export interface KeyedImports {
  /**
   * The origin of the first request with this key: this one, or the one of an earlier try. Null
   * where that asked for something else.
   */
  take(claim: ImportClaim): Promise<ImportOrigin | null>
}
