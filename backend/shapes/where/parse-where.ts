/**
 * Parses a where clause into a tree. The grammar is the part of Postgres' own that can be evaluated
 * here as well as there, with its precedence: OR, AND, NOT, IS, comparison, IN and LIKE.
 */
import { tokensOf, type Keyword, type Token } from './tokens.ts'
import { WhereError } from './where-error.ts'

export type Comparison = '=' | '<>' | '<' | '>' | '<=' | '>='

/** Every node knows where it begins in the clause. */
export type Expression = { readonly at: number } & (
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not' | 'is-null'; readonly operand: Expression }
  | {
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'in'; readonly operand: Expression; readonly list: readonly Expression[] }
  | {
      readonly kind: 'like'
      readonly operand: Expression
      readonly pattern: Expression
      readonly ignoresCase: boolean
    }
)

/** Each level costs several frames of the stack, here and wherever the tree is walked. */
const MAX_DEPTH = 100
/** Operators and values in one clause: each is looked at for every change of every row. */
const MAX_TOKENS = 5_000

/** @throws WhereError for everything that is not of the grammar */
export function parseWhere(clause: string): Expression {
  const tokens = tokensOf(clause)
  if (tokens.length > MAX_TOKENS) {
    throw new WhereError(tokens[MAX_TOKENS]!.at, `the clause is longer than ${MAX_TOKENS} tokens`)
  }
  const parser = new WhereParser(tokens)
  const expression = parser.expression()
  parser.expectEnd()
  return expression
}

class WhereParser {
  private readonly tokens: readonly Token[]
  private place = 0
  private depth = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  expression(): Expression {
    return this.deeper(() => this.chain('or', () => this.chain('and', () => this.negation())))
  }

  expectEnd(): void {
    if (this.next.kind !== 'end') this.refuse()
  }

  private chain(word: 'and' | 'or', part: () => Expression): Expression {
    const first = part()
    const operands = [first]
    while (this.takeKeyword(word)) operands.push(part())
    return operands.length === 1 ? first : { kind: word, operands, at: first.at }
  }

  private negation(): Expression {
    const { at } = this.next
    if (!this.takeKeyword('not')) return this.nullTest()
    return this.deeper(() => ({ kind: 'not', operand: this.negation(), at }))
  }

  private nullTest(): Expression {
    let operand = this.comparison()
    while (this.takeKeyword('is')) {
      const isNegated = this.takeKeyword('not')
      if (!this.takeKeyword('null')) this.refuse()
      operand = negatedIf(isNegated, { kind: 'is-null', operand, at: operand.at })
    }
    return operand
  }

  private comparison(): Expression {
    const left = this.membership()
    const operator = this.takeComparison()
    if (!operator) return left
    return { kind: 'compare', operator, left, right: this.membership(), at: left.at }
  }

  private membership(): Expression {
    const operand = this.value()
    const { at } = operand
    const isNegated = this.takeKeyword('not')
    if (this.takeKeyword('in')) {
      return negatedIf(isNegated, { kind: 'in', operand, list: this.list(), at })
    }
    const ignoresCase = this.takeKeyword('ilike')
    if (ignoresCase || this.takeKeyword('like')) {
      return negatedIf(isNegated, { kind: 'like', operand, pattern: this.value(), ignoresCase, at })
    }
    if (isNegated) this.refuse()
    return operand
  }

  private list(): Expression[] {
    this.expectSymbol('(')
    const items = [this.expression()]
    while (this.takeSymbol(',')) items.push(this.expression())
    this.expectSymbol(')')
    return items
  }

  private value(): Expression {
    const token = this.take()
    const { at } = token
    switch (token.kind) {
      case 'name':
        if (this.next.text === '(') throw new WhereError(at, `unknown function ${token.text}`)
        return { kind: 'column', name: token.text, at }
      case 'string':
      case 'number':
        return { kind: token.kind, text: token.text, at }
      case 'parameter':
        return { kind: 'parameter', index: token.index, at }
      case 'keyword':
        if (token.text === 'null') return { kind: 'null', at }
        if (token.text === 'true' || token.text === 'false') {
          return { kind: 'boolean', value: token.text === 'true', at }
        }
        break
      case 'symbol':
        if (token.text === '(') return this.parenthesised()
        if (token.text === '-') return this.negativeNumber(at)
        break
      case 'end':
        break
    }
    return this.refuse(token)
  }

  private parenthesised(): Expression {
    const inner = this.expression()
    this.expectSymbol(')')
    return inner
  }

  private negativeNumber(at: number): Expression {
    const number = this.take()
    if (number.kind !== 'number') this.refuse(number)
    return { kind: 'number', text: `-${number.text}`, at }
  }

  private get next(): Token {
    return this.tokens[this.place]!
  }

  private take(): Token {
    const token = this.next
    if (token.kind !== 'end') this.place += 1
    return token
  }

  private takeKeyword(word: Keyword): boolean {
    const isNext = this.next.kind === 'keyword' && this.next.text === word
    if (isNext) this.place += 1
    return isNext
  }

  private takeSymbol(symbol: string): boolean {
    const isNext = this.next.kind === 'symbol' && this.next.text === symbol
    if (isNext) this.place += 1
    return isNext
  }

  private takeComparison(): Comparison | null {
    for (const operator of ['=', '<>', '<', '>', '<=', '>='] as const) {
      if (this.takeSymbol(operator)) return operator
    }
    return this.takeSymbol('!=') ? '<>' : null
  }

  private expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.refuse()
  }

  private deeper(parse: () => Expression): Expression {
    this.depth += 1
    if (this.depth > MAX_DEPTH) {
      throw new WhereError(this.next.at, `the clause is nested more than ${MAX_DEPTH} deep`)
    }
    const expression = parse()
    this.depth -= 1
    return expression
  }

  private refuse(token: Token = this.next): never {
    const what = token.kind === 'end' ? 'at end of input' : `at or near "${token.text}"`
    throw new WhereError(token.at, `syntax error ${what}`)
  }
}

function negatedIf(isNegated: boolean, operand: Expression): Expression {
  return isNegated ? { kind: 'not', operand, at: operand.at } : operand
}
