import { expect } from 'chai'
import { checkWhere } from '../../../../backend/shapes/where/check-where.ts'
import { parseWhere } from '../../../../backend/shapes/where/parse-where.ts'
import { WhereError } from '../../../../backend/shapes/where/where-error.ts'

const columns = new Map([
  ['id', 'int4'],
  ['name', 'text'],
  ['done', 'bool'],
  ['at', 'timestamptz'],
  ['owner', 'uuid'],
  ['data', 'jsonb'],
])

function refusal(clause: string, params: readonly string[] = []): string {
  try {
    checkWhere(parseWhere(clause), { columns, params })
  } catch (error) {
    if (error instanceof WhereError) return error.message
    throw error
  }
  return 'accepted'
}

describe('a where clause that cannot be served', () => {
  const refused: [clause: string, message: string][] = [
    ['1 x 1', 'At location 17: syntax error at or near "x"'],
    ['id = ', 'At location 20: syntax error at end of input'],
    ['id = 1;', 'At location 21: syntax error at or near ";"'],
    ['id = 1 -- and more', 'At location 22: syntax error at or near "--"'],
    ['id = /* 1 */ 2', 'At location 20: syntax error at or near "/*"'],
    ["name = E'a'", 'At location 23: syntax error at or near "a"'],
    ["name = 'open", 'At location 22: syntax error at or near "\'"'],
    ['name = $$a$$', 'At location 22: syntax error at or near "$$a$$"'],
    ['id BETWEEN 1 AND 2', 'At location 18: syntax error at or near "between"'],
    ['id < 1 < 2', 'At location 22: syntax error at or near "<"'],
    ['(id = 1', 'At location 22: syntax error at end of input'],
    ['id IN ()', 'At location 22: syntax error at or near ")"'],
    ['id IN (SELECT 1)', 'At location 29: syntax error at or near "1"'],
    ['id = 1x', 'At location 20: syntax error at or near "1x"'],
    ['id + 1 = 2', 'At location 18: syntax error at or near "+"'],
    ["owner = 'a'::uuid", 'At location 26: syntax error at or near ":"'],
    ["name ~ 'a'", 'At location 20: syntax error at or near "~"'],
    ["data ->> 'a' = 'b'", 'At location 20: syntax error at or near "-"'],
    ['pg_sleep(10) IS NULL', 'At location 15: unknown function pg_sleep'],
    ['"ID" = 1', 'At location 15: unknown reference ID'],
    ['pipelines.id = 1', 'At location 24: syntax error at or near ".id"'],
    ['id', 'At location 15: WHERE clause must return a boolean'],
    ['1', 'At location 15: WHERE clause must return a boolean'],
    ['id AND done', 'At location 15: argument of AND must be boolean'],
    ['done OR name', 'At location 23: argument of OR must be boolean'],
    ['NOT id', 'At location 19: argument of NOT must be boolean'],
    ["id = 'one'", 'At location 20: invalid input syntax for type integer: "one"'],
    ["owner = 'x'", 'At location 23: invalid input syntax for type uuid: "x"'],
    [
      "at > '2026-02-30'",
      'At location 20: invalid input syntax for type timestamp with time zone: "2026-02-30"',
    ],
    ["done = 'maybe'", 'At location 22: invalid input syntax for type boolean: "maybe"'],
    ['id = name', 'At location 15: operator does not exist: integer = text'],
    ['name = 5', 'At location 15: operator does not exist: text = integer'],
    ['id IN (1, name)', 'At location 15: operator does not exist: integer = text'],
    ["data = '{}'", 'At location 15: values of this type cannot be compared, use IS NULL'],
    ['id = $1', 'At location 20: parameter $1 was not provided'],
    ['id = $0', 'At location 20: syntax error at or near "$0"'],
    ["id LIKE '1'", 'At location 15: LIKE needs a text, not integer'],
    ['name LIKE name', 'At location 25: the pattern of LIKE must be a string or a parameter'],
    ["name LIKE 'a\\'", 'At location 25: the pattern must not end with an escape character'],
    ["name = 'a' OR \"name", 'At location 29: syntax error at or near """'],
    ['id IS 1', 'At location 21: syntax error at or near "1"'],
    ['id IS DISTINCT FROM 1', 'At location 21: syntax error at or near "distinct"'],
    ["name = 'a\0b'", 'At location 22: invalid input syntax for type text: "a\\u0000b"'],
  ]
  for (const [clause, message] of refused) {
    it(`is refused with its place: ${clause.replaceAll('\0', '\\0')}`, () => {
      expect(refusal(clause)).to.equal(message)
    })
  }

  it('is refused where it is nested too deep, and not by running out of stack', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}done${')'.repeat(depth)}`
    expect(refusal(nested(90))).to.equal('accepted')
    expect(refusal(nested(100_000))).to.match(/tokens$/)
    expect(refusal(nested(2_000))).to.match(/nested more than 100 deep$/)
    expect(refusal(`${'NOT '.repeat(2_000)}done`)).to.match(/nested more than 100 deep$/)
  })

  it('costs no more than its length, however its comparisons nest', () => {
    const nested = Array.from({ length: 90 }).reduce<string>((part) => `(${part} = done)`, 'done')
    expect(refusal(nested)).to.equal('accepted')
  })

  it('may be a long chain', () => {
    const chain = Array.from({ length: 1_000 }, (_, n) => `id = ${n}`).join(' OR ')
    expect(refusal(chain)).to.equal('accepted')
  })
})
