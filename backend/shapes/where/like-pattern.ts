/**
 * LIKE as Postgres has it: `%` stands for any text, `_` for one character, and a backslash takes the
 * next character as it is.
 */

type Part =
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'text'; readonly text: string }

/**
 * A function that says whether a whole text matches. It takes time in proportion to the text's length
 * times the pattern's at most, whatever the pattern is; a regular expression would not.
 * @param pattern does not end with an unescaped backslash
 * @param ignoresCase of the letters of ASCII
 */
export function likeMatcher(pattern: string, ignoresCase: boolean): (text: string) => boolean {
  const parts = partsOf(ignoresCase ? foldAscii(pattern) : pattern)
  return ignoresCase ? (text) => matches(foldAscii(text), parts) : (text) => matches(text, parts)
}

function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = []
  for (const [match, escaped] of pattern.matchAll(/\\(.)|./gsu)) {
    if (match === '%') parts.push({ kind: 'any' })
    else if (match === '_') parts.push({ kind: 'one' })
    else parts.push({ kind: 'text', text: escaped ?? match })
  }
  return parts
}

/** Where it does not go on, the last `%` takes one character more: earlier ones never have to. */
function matches(text: string, parts: readonly Part[]): boolean {
  let at = 0
  let place = 0
  let retry: { at: number; place: number } | null = null
  while (at < text.length) {
    const part = parts[place]
    const character = characterAt(text, at)
    if (part?.kind === 'any') {
      place += 1
      retry = { at, place }
    } else if (part && (part.kind === 'one' || part.text === character)) {
      place += 1
      at += character.length
    } else if (retry) {
      retry = { at: retry.at + characterAt(text, retry.at).length, place: retry.place }
      ;({ at, place } = retry)
    } else {
      return false
    }
  }
  return parts.slice(place).every(({ kind }) => kind === 'any')
}

function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at)!)
}
