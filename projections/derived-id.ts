import { createHash } from 'node:crypto'

/**
 * An id made of what a thing is about: the same text gives the same uuid everywhere (version 8 of
 * RFC 9562, of SHA-256), where the text itself may be too long for a key.
 */
export function derivedId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
