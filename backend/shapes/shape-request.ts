/** What a request asks for, read from its query. Unknown parameters mean nothing and are ignored. */
import { parseIdentifiers } from './identifiers.ts'
import { parseOffset, type Offset } from './offset.ts'

export interface ShapeRequest {
  readonly schema: string
  readonly table: string
  /** As it was sent; the answer's tag carries it. */
  readonly offsetText: string
  /** `start`: the whole shape; `now`: only what comes. */
  readonly offset: Offset | 'start' | 'now'
  /** Given with every offset but `start` and `now`, where it would mean nothing. */
  readonly handle: string | null
  readonly isLive: boolean
  /** As the last live answer gave it; 0 for none. */
  readonly cursor: number
  readonly columns: readonly string[] | null
  readonly where: string | null
  readonly params: readonly string[]
  readonly replica: Replica
  readonly log: LogMode
}

/** `full`: updates and deletions carry whole rows. */
export type Replica = 'default' | 'full'
/** `changes_only`: without the rows that are there already. */
export type LogMode = 'full' | 'changes_only'

export type FieldErrors = Readonly<Record<string, readonly string[]>>

/** A request that can never be answered; the sentences say what is wrong with which parameter. */
export class InvalidRequest extends Error {
  readonly errors: FieldErrors

  constructor(errors: FieldErrors) {
    super('Invalid request')
    this.name = 'InvalidRequest'
    this.errors = errors
  }
}

/** Parts of the protocol that would change what is sent, and so must not be ignored. */
const NOT_OFFERED: readonly [pattern: RegExp, sentence: string][] = [
  [/^subset__/, 'is not offered by this server: follow a shape with a narrower where instead'],
  [/^queryable_columns$/, 'is not offered by this server: name the columns in columns'],
]

/** @throws InvalidRequest with every complaint at once */
export function readShapeRequest(query: URLSearchParams): ShapeRequest {
  const errors: Record<string, string[]> = {}
  const refuse = (field: string, sentence: string): null => {
    errors[field] = [...(errors[field] ?? []), sentence]
    return null
  }
  const one = (name: string): string | null => {
    const [value = null, ...more] = query.getAll(name)
    return more.length > 0 ? refuse(name, 'is given more than once') : value
  }

  for (const name of new Set(query.keys())) {
    const refused = NOT_OFFERED.find(([pattern]) => pattern.test(name))
    if (refused) refuse(name, refused[1])
  }
  const table = readTable(one('table'), refuse)
  const place = readPlace(one, refuse)
  const request: ShapeRequest = {
    schema: table?.[0] ?? '',
    table: table?.[1] ?? '',
    ...place,
    cursor: Number(/^\d{1,15}$/.exec(one('cursor') ?? '')?.[0] ?? 0),
    columns: readColumns(one('columns'), refuse),
    where: one('where') || null,
    params: readParams(query, refuse),
    replica: oneOf(['default', 'full'], one('replica'), (said) => refuse('replica', said)),
    log: oneOf(['full', 'changes_only'], one('log'), (said) => refuse('log', said)),
  }
  if (Object.keys(errors).length > 0) throw new InvalidRequest(errors)
  return request
}

type Refuse = (field: string, sentence: string) => null
type One = (name: string) => string | null

function readTable(text: string | null, refuse: Refuse): [string, string] | null {
  if (!text) return refuse('table', "can't be blank")
  const names = parseIdentifiers(text, '.')
  if (names?.length === 1) return ['public', names[0]!]
  if (names?.length === 2) return [names[0]!, names[1]!]
  return refuse('table', 'must be a name, such as pipelines or "public"."pipelines"')
}

function readPlace(
  one: One,
  refuse: Refuse,
): Pick<ShapeRequest, 'offset' | 'offsetText' | 'handle' | 'isLive'> {
  const offsetText = one('offset') ?? ''
  const offset = readOffset(offsetText, refuse)
  const isBeginning = offset === 'start' || offset === 'now'
  const live = one('live')
  const isLive = live !== null && live !== 'false'
  if (isLive && isBeginning) refuse('live', `can't be true when offset == ${offsetText}`)
  for (const flag of ['live_sse', 'experimental_live_sse']) {
    const value = one(flag)
    if (isLive && value !== null && value !== 'false') {
      refuse(flag, 'is not offered by this server: leave it out to follow by long polling')
    }
  }
  const handle = one('handle') || null
  if (!isBeginning && handle === null) refuse('handle', "can't be blank when offset != -1")
  return { offset, offsetText, handle: isBeginning ? null : handle, isLive }
}

function readOffset(text: string, refuse: Refuse): Offset | 'start' | 'now' {
  if (text === '-1') return 'start'
  if (text === 'now') return 'now'
  const offset = parseOffset(text)
  if (offset) return offset
  refuse('offset', text === '' ? "can't be blank" : 'has invalid format')
  return 'start'
}

function readColumns(text: string | null, refuse: Refuse): string[] | null {
  if (text === null) return null
  return (
    parseIdentifiers(text, ',') ??
    refuse('columns', 'must be names between commas, such as "id","name"')
  )
}

/** `params[1]`, `params[2]`, … */
function readParams(query: URLSearchParams, refuse: Refuse): string[] {
  const given = new Map<number, string>()
  for (const [name, value] of query) {
    const key = /^params\[(.*)\]$/s.exec(name)?.[1]
    if (key === undefined) continue
    const index = /^[1-9]\d{0,3}$/.test(key) ? Number(key) : 0
    if (index === 0 || given.has(index)) {
      refuse('params', 'must be params[1], params[2] and so on, each once')
      return []
    }
    given.set(index, value)
  }
  const params = Array.from(given, (_, n) => given.get(n + 1))
  if (params.includes(undefined)) refuse('params', 'must be numbered from 1 without gaps')
  return params.map((param) => param ?? '')
}

function oneOf<T extends string>(
  [usual, other]: readonly [T, T],
  text: string | null,
  refuse: (sentence: string) => null,
): T {
  if (text === null || text === usual) return usual
  if (text === other) return other
  refuse(`must be ${usual} or ${other}`)
  return usual
}
