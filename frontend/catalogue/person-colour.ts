/**
 * Each is 4.5 to 1 or better under white initials, and 3 to 1 or better against the canvas and the
 * cards of both themes, so that one colour serves as avatar, cursor, ring and bar of the timeline.
 */
export const PERSON_COLOURS = [
  '#2d6ce9',
  '#c15109',
  '#8e54dc',
  '#248430',
  '#ce3481',
  '#157e97',
  '#70790f',
  '#b244ba',
  '#cf403f',
  '#607591',
  '#6b64d7',
  '#9d682e',
] as const

/** The colour of a person, the same on every screen and device: it depends on their id alone. */
export function personColour(personId: string): string {
  return PERSON_COLOURS[hash(personId) % PERSON_COLOURS.length]!
}

/** FNV-1a: spreads ids that differ in one character. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value >>> 0
}
