/** A checked clause as a function of a row, in SQL's logic of true, false and unknown. */
import type { Condition } from './check-where.ts'
import type { Comparison } from './parse-where.ts'
import { likeMatcher } from './like-pattern.ts'
import { compareValues, valueTypes, type Value, type ValueType } from './value-types.ts'

/** Column -> value as the text that Postgres prints for it; null for null. */
export type TextRow = Readonly<Record<string, string | null>>

type Logic = boolean | null
type Test = (row: TextRow) => Logic
type Read = (row: TextRow) => Value | null

/** Whether a row satisfies the clause; unknown is no. */
export function wherePredicate(condition: Condition): (row: TextRow) => boolean {
  const test = testOf(condition)
  return (row) => test(row) === true
}

function testOf(condition: Condition): Test {
  switch (condition.kind) {
    case 'column':
    case 'constant':
      return readOf(condition, 'boolean') as Test
    case 'and':
      return junction(condition.operands, false)
    case 'or':
      return junction(condition.operands, true)
    case 'not': {
      const operand = testOf(condition.operand)
      return (row) => {
        const truth = operand(row)
        return truth === null ? null : !truth
      }
    }
    case 'is-null':
      return nullTest(condition.operand)
    case 'compare': {
      const left = readOf(condition.left, condition.type)
      const right = readOf(condition.right, condition.type)
      const holds = COMPARISONS[condition.operator]
      return (row) => {
        const [a, b] = [left(row), right(row)]
        return a === null || b === null ? null : holds(compareValues(a, b))
      }
    }
    case 'in':
      return membership(condition)
    case 'like': {
      const { operand, pattern, ignoresCase } = condition
      const read = readOf(operand, 'text')
      if (pattern.text === null) return () => null
      const matches = likeMatcher(pattern.text, ignoresCase)
      return (row) => {
        const text = read(row)
        return text === null ? null : matches(text as string)
      }
    }
  }
}

const COMPARISONS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
}

/** @param settles the truth of one operand that decides for all: true for OR, false for AND */
function junction(operands: readonly Condition[], settles: boolean): Test {
  const tests = operands.map(testOf)
  return (row) => {
    let isUnknown = false
    for (const test of tests) {
      const truth = test(row)
      if (truth === settles) return settles
      if (truth === null) isUnknown = true
    }
    return isUnknown ? null : !settles
  }
}

function nullTest(operand: Condition): Test {
  if (operand.kind === 'column') return (row) => (row[operand.name] ?? null) === null
  if (operand.kind === 'constant') return () => operand.value === null
  const test = testOf(operand)
  return (row) => test(row) === null
}

function membership({ operand, list, type }: Extract<Condition, { kind: 'in' }>): Test {
  const read = readOf(operand, type)
  const items = list.map((item) => readOf(item, type))
  return (row) => {
    const value = read(row)
    if (value === null) return null
    let isUnknown = false
    for (const item of items) {
      const other = item(row)
      if (other === null) isUnknown = true
      else if (compareValues(value, other) === 0) return true
    }
    return isUnknown ? null : false
  }
}

function readOf(condition: Condition, type: ValueType): Read {
  if (condition.kind === 'column') {
    const { name } = condition
    const { read } = valueTypes[type]
    return (row) => {
      const text = row[name] ?? null
      return text === null ? null : read(text)
    }
  }
  if (condition.kind === 'constant') {
    // An integer that is compared as a float is rounded like one.
    const value = type === 'float' ? asFloat(condition.value) : condition.value
    return () => value
  }
  return testOf(condition)
}

function asFloat(value: Value | null): Value | null {
  return value === null ? null : Number(value)
}
