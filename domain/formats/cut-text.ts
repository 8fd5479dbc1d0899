import { jsonBytes } from './json-size.ts'

/** The longest beginning of a text with at most so many characters; no character is halved. */
export function cutText(text: string, characters: number): string {
  if (text.length <= characters) return text
  const last = text.charCodeAt(characters - 1)
  const isHigh = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, isHigh ? characters - 1 : characters)
}

/** As `cutText`, and with at most so many bytes as JSON; control characters count six. */
export function cutTextToBytes(text: string, characters: number, bytes: number): string {
  let cut = cutText(text, characters)
  while (jsonBytes(cut) > bytes) cut = cutText(cut, Math.floor(cut.length * 0.9))
  return cut
}

/** A name as a report shows it: quoted, and short enough for a line. */
export function quoted(name: string): string {
  const short = cutText(name, 60)
  return short === name ? `"${name}"` : `"${short}…"`
}
