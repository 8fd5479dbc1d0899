/** A checked clause as SQL: constants as parameters, columns by the names that the catalog gave. */
import type { Condition } from '../where/check-where.ts'
import { valueTypes, type ValueType } from '../where/value-types.ts'

export interface SqlCondition {
  readonly sql: string
  /** The values of its parameters, in order. */
  readonly values: readonly (string | null)[]
}

/** @param first the number of the first parameter */
export function whereSql(condition: Condition, first: number): SqlCondition {
  const values: (string | null)[] = []
  const parameter = (text: string | null, type: ValueType): string => {
    values.push(text)
    return `$${first + values.length - 1}::${valueTypes[type].sql}`
  }

  function write(part: Condition, as: ValueType | null = null): string {
    switch (part.kind) {
      case 'column': {
        const name = quoteIdentifier(part.name)
        return part.type !== as && as === 'float' ? `${name}::float8` : name
      }
      case 'constant':
        return parameter(part.text, as ?? part.type)
      case 'and':
      case 'or':
        return `(${part.operands.map((one) => write(one)).join(` ${part.kind.toUpperCase()} `)})`
      case 'not':
        return `(NOT ${write(part.operand)})`
      case 'is-null':
        return `(${write(part.operand)} IS NULL)`
      case 'compare': {
        const [left, right] = [write(part.left, part.type), write(part.right, part.type)]
        return `(${left}${collated(part.type)} ${part.operator} ${right})`
      }
      case 'in': {
        const list = part.list.map((item) => write(item, part.type))
        return `(${write(part.operand, part.type)}${collated(part.type)} IN (${list.join(', ')}))`
      }
      case 'like': {
        const operator = part.ignoresCase ? 'ILIKE' : 'LIKE'
        const text = `${write(part.operand, 'text')}${collated('text')}`
        return `(${text} ${operator} ${write(part.pattern)})`
      }
    }
  }

  return { sql: write(condition), values }
}

/** Compared by bytes, like everywhere else, and not as the database sorts its words. */
function collated(type: ValueType): string {
  return type === 'text' ? ' COLLATE "C"' : ''
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
