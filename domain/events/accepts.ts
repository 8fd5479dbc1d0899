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
  const inner = acceptsKind(schema)
  const checks = (schema._zod.def.checks ?? []).map(acceptsCheck)
  if (checks.length === 0) return inner
  if (!checks.every((check) => check !== null)) return asked(schema)
  const [first, second] = checks as readonly Accepts[]
  if (checks.length === 1) return (value) => inner(value) && first!(value)
  if (checks.length === 2) return (value) => inner(value) && first!(value) && second!(value)
  return (value) => inner(value) && (checks as readonly Accepts[]).every((check) => check(value))
}

const asked =
  (schema: z.core.$ZodType): Accepts =>
  (value) =>
    z.safeParse(schema, value).success

function acceptsKind(schema: z.core.$ZodType): Accepts {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'string':
      return (value) => typeof value === 'string'
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'number':
      return 'check' in def ? asked(schema) : Number.isFinite
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

function acceptsCheck(check: z.core.$ZodCheck<never>): Accepts | null {
  const { def } = (check as unknown as z.core.$ZodChecks)._zod
  switch (def.check) {
    case 'max_length':
      return (value) => (value as string).length <= def.maximum
    case 'min_length':
      return (value) => (value as string).length >= def.minimum
    case 'greater_than':
      return (value) =>
        (value as number) > Number(def.value) || (def.inclusive && value === def.value)
    case 'less_than':
      return (value) =>
        (value as number) < Number(def.value) || (def.inclusive && value === def.value)
    case 'string_format': {
      const { pattern } = def
      return def.format === 'regex' && pattern ? (value) => pattern.test(value as string) : null
    }
    default: {
      const custom = def as { readonly check: string; readonly fn?: Accepts }
      return custom.check === 'custom' && custom.fn ? custom.fn : null
    }
  }
}

function acceptsObject({ shape, catchall }: z.core.$ZodObjectDef): Accepts {
  if ((catchall as z.core.$ZodTypes | undefined)?._zod.def.type !== 'never') {
    throw new Error('only an object without further members has a plain answer')
  }
  const names = Object.keys(shape)
  const members = names.map((name) => accepts(shape[name]!))
  return (value) => {
    if (!isRecord(value)) return false
    let present = 0
    for (let i = 0; i < names.length; i++) {
      const member = value[names[i]!]
      if (!members[i]!(member)) return false
      if (member !== undefined || Object.hasOwn(value, names[i]!)) present += 1
    }
    return present === Object.keys(value).length
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
