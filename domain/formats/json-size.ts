const encoder = new TextEncoder()

/** Bytes of a text in UTF-8. */
export function textBytes(text: string): number {
  return encoder.encode(text).length
}

/** Bytes of a value as JSON; the order of keys makes no difference. */
export function jsonBytes(value: unknown): number {
  if (typeof value === 'number') return String(value).length
  return textBytes(JSON.stringify(value) ?? 'null')
}
