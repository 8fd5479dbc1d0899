/**
 * Every code that a push or an open can be answered with, and what it asks of the client.
 *
 * - fatal: the event leaves the queue with this verdict; sending it again would end the same way;
 * - mended: the client changes its pending events or its copy, and then goes on;
 * - retried: nothing is wrong with the events; the client waits and sends them again.
 */
export const codes = {
  malformed: 'fatal',
  'too-large': 'fatal',
  forbidden: 'fatal',
  'not-found': 'fatal',
  archived: 'fatal',
  gap: 'mended',
  'missing-dependency': 'mended',
  'replica-forked': 'mended',
  'clock-ahead': 'mended',
  'stale-epoch': 'mended',
  'other-history': 'mended',
  'rate-limited': 'retried',
  unavailable: 'retried',
} as const

export type Code = keyof typeof codes
export type Disposition = (typeof codes)[Code]

/** Why a connection is refused at the handshake. */
export type HandshakeCode = 'unauthenticated' | 'protocol-too-old' | 'malformed' | 'unavailable'

/** A refusal: a code for programs, a sentence for people, and what mending it takes. */
export interface Refusal {
  readonly code: Code
  readonly message: string
  /**
   * `pipeline`: it is not about this event alone; whatever this person sends to this pipeline would
   * be refused alike, but for an unarchiving where it is archived.
   */
  readonly scope?: 'pipeline'
  /** clock-ahead: the server's clock, in milliseconds since 1970. */
  readonly serverTime?: number
  /** rate-limited: how long to wait. */
  readonly retryAfterMs?: number
  /** stale-epoch: the epoch that the log has seen. */
  readonly epoch?: number
}
