/** The value of a JSON text that a browser kept; null where there is none or it is damaged. */
export function parsedJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null') as unknown
  } catch {
    return null
  }
}
