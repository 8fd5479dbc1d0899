import { randomUUID } from 'node:crypto'
import type { Application, Request, Response } from 'express'
import { z } from 'zod'
import { teamIdSchema, type ActorId } from '../../../domain/ids.ts'
import { limits } from '../../../domain/limits.ts'
import { authenticate, callerOf } from '../authenticate.ts'
import type { HttpPorts } from '../http-ports.ts'
import { hashOfImport, importPipeline, type ImportOutcome } from '../import-pipeline.ts'
import { isProblemCode, Problem, tooManyRequests } from '../problem.ts'
import { jsonBody, readBody, storable } from '../read-input.ts'
import { route } from '../route.ts'

/** A file as a JSON text, in which line breaks and quotes take two characters each. */
const BODY_BYTES = 3 * limits.importBytes

const importSchema = z.strictObject({
  teamId: teamIdSchema,
  content: z.string(),
  format: z
    .enum(['tributary', 'n8n', 'node-red', 'github-actions'], {
      error: 'must be tributary, n8n, node-red or github-actions, or left out',
    })
    .optional(),
  name: storable(
    z.string().trim().min(1, 'must not be empty').max(limits.lineCharacters),
  ).optional(),
})

const keySchema = z.string().regex(/^[\x21-\x7e]{1,200}$/)

export function addImportRoute(app: Application, ports: HttpPorts): void {
  async function originFor(key: string | undefined, ...[request, accountId]: Claimed) {
    const origin = { seed: randomUUID(), startedAt: Date.now() }
    if (key === undefined) return origin
    if (!keySchema.safeParse(key).success) {
      throw new Problem('malformed', 'Idempotency-Key: use 1 to 200 visible ASCII characters.')
    }
    const taken = await ports.keyedImports.take({
      ...origin,
      key,
      accountId,
      request: hashOfImport(request),
    })
    if (taken) return taken
    throw new Problem(
      'key-reused',
      'This Idempotency-Key came with another import before. Use a new key for a new import.',
    )
  }

  const importFile = async (request: Request, response: Response) => {
    const asked = readBody(request, importSchema)
    if (Buffer.byteLength(asked.content) > limits.importBytes) {
      throw new Problem('too-large', `A file may have at most ${limits.importBytes} bytes.`)
    }
    const { userId } = callerOf(response)
    const origin = await originFor(request.get('idempotency-key'), asked, userId)
    const outcome = await importPipeline(asked, userId, origin, ports.submit)
    if (!outcome.ok) throw problemOf(outcome)
    response.status(201).json({ pipelineId: outcome.pipelineId, report: outcome.report })
  }

  route(app, '/api/pipelines/import', {
    post: [authenticate(ports.authenticator), jsonBody(BODY_BYTES), importFile],
  })
}

type Claimed = [request: z.output<typeof importSchema>, accountId: ActorId]

function problemOf(outcome: Extract<ImportOutcome, { ok: false }>): Problem {
  if ('file' in outcome) {
    const { code, message } = outcome.file
    return new Problem(code === 'malformed' ? 'unknown-format' : code, message)
  }
  const { code, message, retryAfterMs } = outcome.refused
  if (code === 'not-found') return new Problem('not-found', 'There is no such team.')
  if (code === 'rate-limited') return tooManyRequests(retryAfterMs ?? 1_000, message)
  // Anything else is no fault of the request: the events were made here.
  return new Problem(isProblemCode(code) && code !== 'malformed' ? code : 'internal', message)
}
