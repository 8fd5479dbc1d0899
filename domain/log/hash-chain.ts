/**
 * The hash chain of a stream: each stored event's hash covers the one before it, so that nothing in
 * the past can be changed, left out or reordered without every later hash telling.
 *
 * hash = hex(SHA-256(prevHash as ASCII hex, then canonical JSON of { event, recordedAt, revision })).
 * The position in the whole log is not covered: it differs between engines and after an import.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { StoredEvent } from '../events/event.ts'
import { canonicalJson } from '../json.ts'

/** The hash before a stream's first event. */
export const CHAIN_START = '0'.repeat(64)

/** SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits. */
export type Sha256 = (text: string) => string

const portableSha256: Sha256 = (text) => bytesToHex(sha256(utf8ToBytes(text)))

/**
 * The hash of a stored event.
 * @param eventJson the event as canonical JSON
 * @param sha a faster SHA-256 of the platform, where there is one
 */
export function chainHash(
  prevHash: string,
  revision: number,
  recordedAt: string,
  eventJson: string,
  sha: Sha256 = portableSha256,
): string {
  return sha(
    `${prevHash}{"event":${eventJson},"recordedAt":"${recordedAt}","revision":${revision}}`,
  )
}

/** Whether a stored event's hash is the one that its content and its predecessor give. */
export function isChained(stored: StoredEvent, prevHash: string, sha?: Sha256): boolean {
  if (stored.prevHash !== prevHash) return false
  const json = canonicalJson(stored.event)
  return stored.hash === chainHash(prevHash, stored.revision, stored.recordedAt, json, sha)
}
