/** Random rows of a table with every type that a clause compares, and random clauses on it. */
import fc from 'fast-check'

/** Column -> its type's name in the catalog. */
export const CATALOG: ReadonlyMap<string, string> = new Map([
  ['id', 'int4'],
  ['yes', 'bool'],
  ['small', 'int4'],
  ['large', 'int8'],
  ['real', 'float8'],
  ['word', 'text'],
  ['Odd "name"', 'text'],
  ['thing', 'uuid'],
  ['time', 'timestamptz'],
  ['data', 'jsonb'],
])

// The clauses are given to Postgres too, as they are: its texts must sort by bytes as well.
export const SAMPLE_TABLE = `
  CREATE TABLE sample (
    id int PRIMARY KEY, yes bool, small int4, large int8, real float8, word text COLLATE "C",
    "Odd ""name""" text COLLATE "C", thing uuid, time timestamptz, data jsonb
  )`

const texts = fc
  .array(
    fc.constantFrom(
      ...['a', 'A', 'b', 'ab', 'B', 'z', 'é', 'É', 'ß', '%', '_', '\\', "'", '"', ' ', '$1', '--'],
      ...['\u{1f600}', '\ue000', '\uffee', '0', '1'],
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''))

const smallInts = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
)

/** Values of each type, as text that Postgres takes. */
const values = {
  yes: fc.constantFrom('true', 'false', 't', 'f', 'on', 'off', 'YES', ' no '),
  small: smallInts.map(String),
  large: fc.oneof(
    smallInts.map(String),
    fc.constantFrom('9223372036854775807', '-9223372036854775808', '9007199254740993'),
  ),
  real: fc.oneof(
    smallInts.map(String),
    fc.constantFrom('NaN', 'Infinity', '-infinity', '-0', '0.1', '1e21', '5e-324', '1.5', '-2.5e3'),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  ),
  word: texts,
  thing: fc.oneof(
    fc.constantFrom(
      '00000000-0000-7000-8000-000000000001',
      'FFFFFFFF-0000-7000-8000-00000000000A',
      'ffffffff-0000-7000-8000-00000000000a',
    ),
    fc.uuid(),
  ),
  time: fc.oneof(
    fc.constantFrom(
      ...['2026-11-12 14:06:00.123+00', '2026-11-12T14:06:00.123Z', '2026-11-12 15:06:00.123+01'],
      ...['2026-11-12', '2026-11-12T14:06', '2000-02-29 23:59:59.999999-0530', 'infinity'],
      ...['-infinity', '0001-01-01', '12026-01-01 00:00:00Z', '1969-12-31 23:59:59.5Z'],
    ),
    fc
      .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  ),
}

type Typed = keyof typeof values
const TYPED = Object.keys(values) as Typed[]

export const COLUMNS = [
  ...TYPED.filter((name) => name !== 'word'),
  'word',
  '"Odd ""name"""',
  'data',
]

/** Column as written in SQL -> value. */
export const sampleRow: fc.Arbitrary<Record<string, string | null>> = fc.record({
  ...Object.fromEntries(TYPED.map((name) => [name, fc.option(values[name], { freq: 6 })])),
  time: fc.option(fc.oneof(values.time, fc.constant('0044-03-15 12:00:00.25+00 BC')), { freq: 6 }),
  '"Odd ""name"""': fc.option(texts),
  data: fc.option(fc.constantFrom('{}', '{"a": null}', 'null', '[1]')),
})

/** A piece of a clause: text, with constants that may become parameters. */
type Piece =
  string | { readonly constant: string; readonly isParameter: boolean } | readonly Piece[]

export interface Clause {
  readonly clause: string
  readonly params: readonly string[]
}

const COMPARISONS = fc.constantFrom('=', '<>', '!=', '<', '>', '<=', '>=')

const constantOf = (name: Typed): fc.Arbitrary<Piece> =>
  fc.record({ constant: values[name], isParameter: fc.boolean() })

const columnsOf = (name: Typed): fc.Arbitrary<Piece> =>
  fc.constantFrom(...(name === 'word' ? ['word', 'WORD', '"Odd ""name"""'] : [name]))

/** A number as written without quotes. */
const plainNumber: fc.Arbitrary<Piece> = fc.oneof(
  smallInts.map(String),
  fc.constantFrom('1.5', '-.5', '2.', '1e3', '- 2'),
)

function operandOf(name: Typed): fc.Arbitrary<Piece> {
  const isNumber = ['small', 'large', 'real'].includes(name)
  return fc.oneof(
    { weight: 4, arbitrary: constantOf(name) },
    { weight: 2, arbitrary: columnsOf(name) },
    { weight: 1, arbitrary: fc.constant('NULL') },
    ...(isNumber ? [{ weight: 3, arbitrary: plainNumber }] : []),
    ...(name === 'yes' ? [{ weight: 2, arbitrary: fc.constantFrom('TRUE', 'false') }] : []),
  )
}

const numberColumn = fc.constantFrom('small', 'large', 'real', 'id')

const patterns = fc
  .array(fc.constantFrom('a', 'A', 'b', '%', '_', '\\%', '\\_', '\\\\', '\\a', 'é', '\u{1f600}'), {
    maxLength: 5,
  })
  .map((parts) => parts.join(''))

const NOT = fc.constantFrom('', ' NOT')

const simple: fc.Arbitrary<Piece> = fc.constantFrom(...TYPED).chain((name) =>
  fc.oneof(
    fc.tuple(columnsOf(name), COMPARISONS, operandOf(name)),
    fc.tuple(constantOf(name), COMPARISONS, columnsOf(name)),
    fc
      .tuple(columnsOf(name), NOT, fc.array(operandOf(name), { minLength: 1, maxLength: 4 }))
      .map(([column, not, list]): Piece => [column, not, ' IN (', separated(list, ', '), ')']),
    fc.tuple(columnsOf(name), fc.constant(' IS'), NOT, fc.constant(' NULL')),
    fc.tuple(numberColumn, COMPARISONS, fc.oneof(numberColumn, plainNumber)),
    fc
      .tuple(
        columnsOf('word'),
        NOT,
        fc.constantFrom(' LIKE ', ' ilike '),
        fc.record({ constant: patterns, isParameter: fc.boolean() }),
      )
      .map((pieces): Piece => pieces),
    fc.constantFrom('yes', 'NOT yes', 'data IS NULL', 'data IS NOT NULL', 'true', 'NULL'),
  ),
)

const { condition } = fc.letrec<{ condition: Piece }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: simple },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.array(tie('condition'), { minLength: 2, maxLength: 3 }),
          fc.constantFrom(' AND ', ' or '),
        )
        .map(([parts, word]): Piece => separated(parts, word)),
    },
    { weight: 1, arbitrary: tie('condition').map((part): Piece => ['(', part, ')']) },
    { weight: 1, arbitrary: tie('condition').map((part): Piece => ['NOT (', part, ')']) },
    { weight: 1, arbitrary: tie('condition').map((part): Piece => ['(', part, ') IS NULL']) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('condition'), COMPARISONS, tie('condition'))
        .map(([left, operator, right]): Piece => ['(', left, ')', operator, '(', right, ')']),
    },
  ),
}))

export const anyClause: fc.Arbitrary<Clause> = condition.map(rendered)

function separated(pieces: readonly Piece[], by: string): Piece {
  return pieces.flatMap((piece, n) => (n === 0 ? [piece] : [by, piece]))
}

function rendered(piece: Piece): Clause {
  const params: string[] = []
  const write = (part: Piece): string => {
    if (typeof part === 'string') return `${part} `
    if (!('constant' in part)) return part.map(write).join('')
    if (part.isParameter) return `$${params.push(part.constant)} `
    return `'${part.constant.replaceAll("'", "''")}' `
  }
  return { clause: write(piece), params }
}
