/**
 * Checks a parsed clause against a table's columns and gives every part its type. What passes can be
 * evaluated without an error on every row, here and in Postgres.
 */
import type { Comparison, Expression } from './parse-where.ts'
import { valueTypeOf, valueTypes, type Value, type ValueType } from './value-types.ts'
import { WhereError } from './where-error.ts'

/** A checked part. A value's type is that of its operation: an integer may be compared as a float. */
export type Condition =
  | { readonly kind: 'column'; readonly name: string; readonly type: ValueType | null }
  | Constant
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] }
  | { readonly kind: 'not' | 'is-null'; readonly operand: Condition }
  | {
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly type: ValueType
      readonly left: Condition
      readonly right: Condition
    }
  | {
      readonly kind: 'in'
      readonly type: ValueType
      readonly operand: Condition
      readonly list: readonly Condition[]
    }
  | {
      readonly kind: 'like'
      readonly operand: Condition
      readonly pattern: Constant
      readonly ignoresCase: boolean
    }

export interface Constant {
  readonly kind: 'constant'
  readonly type: ValueType
  readonly value: Value | null
  /** What Postgres is given for it. */
  readonly text: string | null
}

export interface WhereContext {
  /** Column name -> the name of its type in the catalog. */
  readonly columns: ReadonlyMap<string, string>
  /** What stands for `$1`, `$2`, … */
  readonly params: readonly string[]
}

/** Matching a long pattern takes as many steps as its length times that of the text. */
const MAX_PATTERN_CHARACTERS = 400

/** @throws WhereError for unknown columns, types that cannot be compared and unusable constants */
export function checkWhere(expression: Expression, context: WhereContext): Condition {
  return asBoolean(expression, context, 'WHERE clause must return a boolean')
}

function check(expression: Expression, context: WhereContext): Condition {
  const { at } = expression
  switch (expression.kind) {
    case 'column': {
      const typeName = context.columns.get(expression.name)
      if (typeName === undefined) throw new WhereError(at, `unknown reference ${expression.name}`)
      return { kind: 'column', name: expression.name, type: valueTypeOf(typeName) }
    }
    case 'boolean':
      return constant('boolean', String(expression.value), at)
    case 'number':
      return constant(numberType(expression.text), expression.text, at)
    // By themselves these are texts, where nothing beside them says otherwise.
    case 'string':
    case 'parameter':
    case 'null':
      return constant('text', textOf(expression, context), at)
    case 'and':
    case 'or': {
      const { kind, operands } = expression
      const complaint = `argument of ${kind.toUpperCase()} must be boolean`
      return { kind, operands: operands.map((part) => asBoolean(part, context, complaint)) }
    }
    case 'not':
      return {
        kind: 'not',
        operand: asBoolean(expression.operand, context, 'argument of NOT must be boolean'),
      }
    case 'is-null':
      return { kind: 'is-null', operand: check(expression.operand, context) }
    case 'compare': {
      const { operator } = expression
      const parts = [expression.left, expression.right]
      const { type, conditions } = alike(parts, operator, at, context)
      return { kind: 'compare', operator, type, left: conditions[0]!, right: conditions[1]! }
    }
    case 'in': {
      const { type, conditions } = alike([expression.operand, ...expression.list], '=', at, context)
      const [operand, ...list] = conditions
      return { kind: 'in', type, operand: operand!, list }
    }
    case 'like':
      return checkLike(expression, context)
  }
}

/** A part whose own type is known only from what stands beside it. */
type Untyped = Extract<Expression, { kind: 'string' | 'parameter' | 'null' }>

function isUntyped(expression: Expression): expression is Untyped {
  const { kind } = expression
  return kind === 'string' || kind === 'parameter' || kind === 'null'
}

function textOf(expression: Untyped, { params }: WhereContext): string | null {
  switch (expression.kind) {
    case 'null':
      return null
    case 'string':
      return expression.text
    case 'parameter': {
      const text = params[expression.index - 1]
      if (text !== undefined) return text
      throw new WhereError(expression.at, `parameter $${expression.index} was not provided`)
    }
  }
}

function constant(type: ValueType, text: string | null, at: number): Constant {
  if (text === null) return { kind: 'constant', type, value: null, text }
  const value = valueTypes[type].parse(text)
  if (value === null) {
    const shown = JSON.stringify(text.slice(0, 100))
    throw new WhereError(at, `invalid input syntax for type ${valueTypes[type].name}: ${shown}`)
  }
  // A time in microseconds is no text that Postgres reads; what was written is.
  return { kind: 'constant', type, value, text: type === 'timestamp' ? text.trim() : String(value) }
}

const INT8 = valueTypes.integer

function numberType(text: string): ValueType {
  return INT8.parse(text) === null ? 'float' : 'integer'
}

function asBoolean(expression: Expression, context: WhereContext, complaint: string): Condition {
  const { at } = expression
  if (isUntyped(expression)) {
    return constant('boolean', textOf(expression, context), at)
  }
  const condition = check(expression, context)
  if (typeOf(condition) !== 'boolean') throw new WhereError(at, complaint)
  return condition
}

/** The parts as values of one type that fits them all. */
function alike(
  parts: readonly Expression[],
  operator: string,
  at: number,
  context: WhereContext,
): { type: ValueType; conditions: Condition[] } {
  // Each part is checked once: twice, and nesting would double the work with every level.
  const typed = parts.map((part) => (isUntyped(part) ? null : check(part, context)))
  let type: ValueType | null = null
  for (const condition of typed) {
    if (condition === null) continue
    const own = typeOf(condition)
    const common: ValueType | null = type === null ? own : commonType(type, own)
    if (common === null) throw new WhereError(at, mismatch(type, operator, own))
    type = common
  }
  const known = type ?? 'text'
  const conditions = parts.map(
    (part, n) => typed[n] ?? constant(known, textOf(part as Untyped, context), part.at),
  )
  return { type: known, conditions }
}

function commonType(a: ValueType, b: ValueType | null): ValueType | null {
  if (a === b) return a
  const areNumbers = [a, b].every((type) => type === 'integer' || type === 'float')
  return areNumbers ? 'float' : null
}

function mismatch(a: ValueType | null, operator: string, b: ValueType | null): string {
  if (a === null || b === null) return 'values of this type cannot be compared, use IS NULL'
  return `operator does not exist: ${valueTypes[a].name} ${operator} ${valueTypes[b].name}`
}

function typeOf(condition: Condition): ValueType | null {
  return condition.kind === 'column' || condition.kind === 'constant' ? condition.type : 'boolean'
}

function checkLike(
  { operand, pattern, ignoresCase, at }: Extract<Expression, { kind: 'like' }>,
  context: WhereContext,
): Condition {
  const { conditions, type } = alike([operand], 'LIKE', at, context)
  if (type !== 'text') throw new WhereError(at, `LIKE needs a text, not ${valueTypes[type].name}`)
  if (!isUntyped(pattern)) {
    throw new WhereError(pattern.at, 'the pattern of LIKE must be a string or a parameter')
  }
  const checked = constant('text', textOf(pattern, context), pattern.at)
  const text = checked.text ?? ''
  if (text.length > MAX_PATTERN_CHARACTERS) {
    throw new WhereError(
      pattern.at,
      `the pattern is longer than ${MAX_PATTERN_CHARACTERS} characters`,
    )
  }
  if (/(?<!\\)(?:\\\\)*\\$/.test(text)) {
    throw new WhereError(pattern.at, 'the pattern must not end with an escape character')
  }
  return { kind: 'like', operand: conditions[0]!, pattern: checked, ignoresCase }
}
