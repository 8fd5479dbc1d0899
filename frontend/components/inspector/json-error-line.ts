/**
 * Where a text stops being JSON: engines word that differently, and some do not say it at all.
 */

const SPACE = /[ \t\n\r]*/y
const TOKEN =
  /"(?:[^"\\\t\n\r]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{},:]/y

type Expected = 'value' | 'value-or-]' | 'key' | 'key-or-}' | 'colon' | 'more-or-end' | 'nothing'

/** The line, from 1, of the first part that cannot be JSON; null for a text that is JSON. */
export function jsonErrorLine(text: string): number | null {
  const open: ('[' | '{')[] = []
  let expected: Expected = 'value'
  let at = 0
  for (;;) {
    at = skip(SPACE, text, at) ?? at
    const end = skip(TOKEN, text, at)
    const token = end === null ? '' : text.slice(at, end)
    const next: Expected | null = token === '' ? null : after(expected, token, open)
    if (next === null) {
      const isWhole = expected === 'nothing' && at === text.length
      return isWhole ? null : text.slice(0, at).split('\n').length
    }
    expected = next
    at = end!
  }
}

/** What may follow a token that was expected; null where it was not. Keeps track of what is open. */
function after(expected: Expected, token: string, open: ('[' | '{')[]): Expected | null {
  const inside = open.at(-1)
  switch (expected) {
    case 'value-or-]':
      if (token === ']') return closed(open)
      return afterValue(token, open)
    case 'value':
      return afterValue(token, open)
    case 'key-or-}':
      if (token === '}') return closed(open)
      return token.startsWith('"') ? 'colon' : null
    case 'key':
      return token.startsWith('"') ? 'colon' : null
    case 'colon':
      return token === ':' ? 'value' : null
    case 'more-or-end':
      if (token === ',') return inside === '{' ? 'key' : 'value'
      return token === (inside === '{' ? '}' : ']') ? closed(open) : null
    case 'nothing':
      return null
  }
}

function afterValue(token: string, open: ('[' | '{')[]): Expected | null {
  if (token === '[' || token === '{') {
    open.push(token)
    return token === '[' ? 'value-or-]' : 'key-or-}'
  }
  if (']},:'.includes(token)) return null
  return open.length > 0 ? 'more-or-end' : 'nothing'
}

function closed(open: ('[' | '{')[]): Expected {
  open.pop()
  return open.length > 0 ? 'more-or-end' : 'nothing'
}

/** The end of a sticky pattern's match at a place; null where it does not match. */
function skip(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}
