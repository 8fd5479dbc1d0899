/** Reads what a request carries, or refuses it with a sentence that names the part. */
import express, { type Request, type RequestHandler } from 'express'
import type { z } from 'zod'
import { jsonIssue } from '../../domain/json.ts'
import { Problem } from './problem.ts'

/** Bytes of a request's body where nothing else is said: forms, not files. */
const BODY_BYTES = 100 * 1024

/** Parses a JSON body. */
export function jsonBody(limit = BODY_BYTES): RequestHandler {
  return express.json({ limit })
}

/** The body as the schema takes it. @throws Problem malformed */
export function readBody<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  if (request.body === undefined) {
    throw new Problem('malformed', 'Send a JSON object, with Content-Type: application/json.')
  }
  return checked(request.body, schema, 'The body')
}

/** The query's parameters, each a text, as the schema takes them. @throws Problem malformed */
export function readQuery<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  return checked(request.query, schema, 'The query')
}

function checked<S extends z.ZodType>(value: unknown, schema: S, whole: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue!.path.join('.')
    throw new Problem('malformed', `${field || whole}: ${wordsOf(issue!)}.`, {
      ...(field && { members: { field } }),
    })
  }
  return parsed.data
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no ${issue.keys.join(', ')} here`
  if (issue.code !== 'invalid_type') return issue.message
  return issue.input === undefined && issue.path.length > 0
    ? 'is missing'
    : `must be ${issue.expected}`
}

/** For schemas of texts that are stored: no U+0000, no half characters. */
export function storable<S extends z.ZodType<string, string>>(schema: S) {
  return schema.refine(
    (text) => jsonIssue(text) === null,
    'holds a character that cannot be stored',
  )
}
