/** Cuts a where clause into tokens, as Postgres would. */
import { WhereError } from './where-error.ts'

const KEYWORDS = ['and', 'or', 'not', 'in', 'is', 'null', 'true', 'false', 'like', 'ilike'] as const

export type Keyword = (typeof KEYWORDS)[number]

export type Token = { readonly at: number } & (
  | { readonly kind: 'name' | 'string' | 'number'; readonly text: string }
  | { readonly kind: 'keyword'; readonly text: Keyword }
  | { readonly kind: 'symbol'; readonly text: string }
  | { readonly kind: 'parameter'; readonly text: string; readonly index: number }
  | { readonly kind: 'end'; readonly text: '' }
)

const SPACE = /[ \t\n\r\f\v]*/y
const PATTERNS = {
  name: /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy,
  quoted: /"((?:[^"]|"")+)"/y,
  string: /'((?:[^']|'')*)'/y,
  parameter: /\$([1-9]\d{0,3})(?![\w$])/y,
  number: /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\w$.])/iy,
  symbol: /<>|!=|<=|>=|[=<>(),]|-(?!-)/y,
}

/**
 * The tokens of a clause, the last of which is `end`.
 * @throws WhereError at the first character that begins no token
 */
export function tokensOf(clause: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; ;) {
    SPACE.lastIndex = at
    at += SPACE.exec(clause)![0].length
    if (at === clause.length) return [...tokens, { kind: 'end', text: '', at }]
    const [token, end] = tokenAt(clause, at)
    tokens.push(token)
    at = end
  }
}

function tokenAt(clause: string, at: number): [Token, number] {
  for (const [kind, pattern] of Object.entries(PATTERNS)) {
    pattern.lastIndex = at
    const match = pattern.exec(clause)
    if (match) return [tokenOf(kind as keyof typeof PATTERNS, match, at), pattern.lastIndex]
  }
  const [rest] = /^(?:--|\/\*|[\w$.]+|.)/su.exec(clause.slice(at, at + 40))!
  throw new WhereError(at, `syntax error at or near "${rest}"`)
}

function tokenOf(
  kind: keyof typeof PATTERNS,
  [whole, inner = '']: RegExpExecArray,
  at: number,
): Token {
  switch (kind) {
    case 'name': {
      // Postgres folds the letters of ASCII and leaves the others.
      const text = whole.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
      return isKeyword(text) ? { kind: 'keyword', text, at } : { kind: 'name', text, at }
    }
    case 'quoted':
      return { kind: 'name', text: inner.replaceAll('""', '"'), at }
    case 'string':
      return { kind: 'string', text: inner.replaceAll("''", "'"), at }
    case 'parameter':
      return { kind: 'parameter', text: whole, index: Number(inner), at }
    case 'number':
    case 'symbol':
      return { kind, text: whole, at }
  }
}

function isKeyword(text: string): text is Keyword {
  return (KEYWORDS as readonly string[]).includes(text)
}
