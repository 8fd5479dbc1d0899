/**
 * Turns a schema into a plain yes-or-no function, once.
 *
 * Every replica checks every event of a history, and nearly every one is fine: what a parse costs
 * beyond the answer, a copy and a list of issues, is most of what a merge costs. The schema stays
 * the one definition; a kind of schema that is not known here is asked itself.
 */
import { z } from 'zod'

/** Whether a value is what a schema describes, as it is: nothing is filled in or converted. */
export type Accepts = (value: unknown) => boolean

/** @throws where a schema would change what it takes, for then there is no plain answer */
export function accepts(schema: z.core.$ZodType): Accepts {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'string':
      return acceptsString(schema, checksOf(def))
    case 'number':
      return 'check' in def ? asked(schema) : acceptsNumber(schema, checksOf(def))
    case 'boolean':
      return checksOf(def).length > 0 ? asked(schema) : (value) => typeof value === 'boolean'
    case 'enum': {
      const members = new Set<unknown>(Object.values(def.entries))
      return (value) => members.has(value)
    }
    case 'optional': {
      const inner = accepts(def.innerType)
      return (value) => value === undefined || inner(value)
    }
    case 'custom':
      return def.fn as Accepts
    case 'object':
      return acceptsObject(def)
    case 'record':
      return acceptsRecord(def)
    case 'default':
    case 'prefault':
    case 'transform':
    case 'pipe':
      throw new Error(`a schema of kind ${def.type} changes what it takes`)
    default:
      return asked(schema)
  }
}

const asked =
  (schema: z.core.$ZodType): Accepts =>
  (value) =>
    z.safeParse(schema, value).success

const checksOf = (def: z.core.$ZodTypeDef) =>
  (def.checks ?? []).map((check) => (check as z.core.$ZodChecks)._zod.def)

type Check = ReturnType<typeof checksOf>[number]

function acceptsString(schema: z.core.$ZodType, checks: readonly Check[]): Accepts {
  let least = 0
  let most = Infinity
  const others: Accepts[] = []
  for (const check of checks) {
    const custom = check as { readonly check: string; readonly fn?: Accepts }
    if (check.check === 'max_length') most = check.maximum
    else if (check.check === 'min_length') least = check.minimum
    else if (custom.check === 'custom' && custom.fn) others.push(custom.fn)
    else if (check.check === 'string_format' && check.format === 'regex' && check.pattern) {
      const { pattern } = check
      others.push((value) => pattern.test(value as string))
    } else return asked(schema)
  }
  const isOfLength = (value: unknown) =>
    typeof value === 'string' && value.length >= least && value.length <= most
  const [other] = others
  if (!other) return isOfLength
  if (others.length > 1) return (value) => isOfLength(value) && others.every((is) => is(value))
  return (value) => isOfLength(value) && other(value)
}

function acceptsNumber(schema: z.core.$ZodType, checks: readonly Check[]): Accepts {
  let least = -Infinity
  let most = Infinity
  for (const check of checks) {
    if (check.check === 'greater_than' && check.inclusive) least = Number(check.value)
    else if (check.check === 'less_than' && check.inclusive) most = Number(check.value)
    else return asked(schema)
  }
  return (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most
}

function acceptsObject({ shape, catchall }: z.core.$ZodObjectDef): Accepts {
  if ((catchall as z.core.$ZodTypes | undefined)?._zod.def.type !== 'never') {
    throw new Error('only an object without further members has a plain answer')
  }
  const names = Object.keys(shape)
  const members = names.map((name) => accepts(shape[name]!))
  const known = new Set(names)
  return (value) => {
    if (!isRecord(value)) return false
    for (let i = 0; i < names.length; i++) if (!members[i]!(value[names[i]!])) return false
    for (const name in value) if (!known.has(name)) return false
    return true
  }
}

function acceptsRecord({ keyType, valueType }: z.core.$ZodRecordDef): Accepts {
  const acceptsKey = accepts(keyType)
  const acceptsValue = accepts(valueType as z.core.$ZodType)
  return (value) => {
    if (!isRecord(value)) return false
    for (const key of Object.keys(value)) {
      if (!acceptsKey(key) || !acceptsValue(value[key])) return false
    }
    return true
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
