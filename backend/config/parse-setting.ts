/** From the text of an environment variable to a value, each refusal saying what is allowed. */
import { isIP } from 'node:net'
import { z } from 'zod'

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,15}$/, allowed)
    .transform(Number)
    .refine((value) => value >= min && value <= max, allowed)
}

/** One of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]) {
  const allowed = words.length === 1 ? `${words[0]}, which is all there is` : words.join(' or ')
  return z.custom<T>((value) => words.includes(value as T), allowed)
}

const BYTES = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** A size such as 10MB or 512KiB, in bytes; a bare number is bytes. */
export function byteSize(min: number, max: number) {
  const allowed = `a size from ${min} to ${max} bytes, such as 10MB or 512KiB`
  return z
    .string()
    .regex(/^\d{1,15} ?(B|KB|MB|GB|KiB|MiB|GiB)?$/, allowed)
    .transform((text) => {
      const [, digits, unit = 'B'] = /^(\d+) ?(\w*)$/.exec(text)!
      return Number(digits) * BYTES[(unit || 'B') as keyof typeof BYTES]
    })
    .refine((bytes) => bytes >= min && bytes <= max, allowed)
}

/** A URL of one of the schemes; `schemes` as in `postgres:`. */
export function url(example: string, ...schemes: readonly string[]) {
  return z
    .string()
    .refine(
      (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol),
      `a URL such as ${example}`,
    )
}

/** A comma-separated list without empty parts, each part as `part` takes it. */
export function list<T extends z.ZodType>(part: T, max: number, allowed: string) {
  return z.string().transform((text, context): z.output<T>[] => {
    const parts = text.split(',').map((word) => part.safeParse(word.trim()))
    if (parts.length > max || parts.some(({ success }) => !success)) {
      context.addIssue({ code: 'custom', message: allowed })
      return z.NEVER
    }
    return parts.map(({ data }) => data as z.output<T>)
  })
}

/** An unquoted Postgres name. */
export const postgresName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a Postgres name: a-z, 0-9 and _, at most 63 characters')

/** A host name or an IP address to listen on. */
export const listenHost = z
  .string()
  .refine(
    (host) => isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(host),
    'a host name or an IP address, such as 127.0.0.1 or 0.0.0.0',
  )

/** Any text that is not empty and at most `max` characters long. */
export function text(min: number, max: number, allowed: string) {
  return z.string().min(min, allowed).max(max, allowed)
}
