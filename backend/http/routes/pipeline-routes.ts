import type { Application, Request, Response } from 'express'
import { z } from 'zod'
import { versionVectorSchema } from '../../../domain/clock/version-vector.ts'
import { isUuid, type PipelineId, type Revision } from '../../../domain/ids.ts'
import { takeSnapshot } from '../../../domain/pipeline/snapshot.ts'
import { teamOf, vectorOf } from '../../../domain/pipeline/state.ts'
import type { Moment } from '../../../domain/pipeline/time-travel.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import type { PipelineAt } from '../../pipelines/pipeline-directory.ts'
import { auditList } from '../audit-list.ts'
import { authenticate, callerOf } from '../authenticate.ts'
import { proveChain } from '../chain-proof.ts'
import type { HttpPorts } from '../http-ports.ts'
import { PastPipelines, pipelineAt } from '../pipeline-at.ts'
import { Problem } from '../problem.ts'
import { readQuery } from '../read-input.ts'
import { route } from '../route.ts'

const MAX_PAGE = 1_000
const DEFAULT_PAGE = 100

const count = (max: number, min = 0) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`)
const revision = count(Number.MAX_SAFE_INTEGER).transform((value) => value as Revision)
const time = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be a time as in ISO 8601, such as 2026-01-31T12:00:00Z',
  })
  .transform((text) => new Date(text).toISOString())
const id = z.string().refine(isUuid, 'must be a lower-case uuid')
const clock = z.string().transform((text, context) => {
  const parsed = versionVectorSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  context.addIssue('must be JSON such as {"k3v9x0q2m7ta":42}: a replica and its last event')
  return z.NEVER
})

const momentSchema = z
  .strictObject({ revision: revision.optional(), time: time.optional(), clock: clock.optional() })
  .refine((query) => Object.keys(query).length <= 1, 'give one of revision, time and clock')

const auditSchema = z.strictObject({
  after: revision.optional(),
  before: revision.optional(),
  limit: count(MAX_PAGE, 1).default(DEFAULT_PAGE),
  actor: id.optional(),
  step: id.optional(),
  type: z
    .string()
    .transform((types) => types.split(','))
    .optional(),
  from: time.optional(),
  to: time.optional(),
})

export function addPipelineRoutes(app: Application, ports: HttpPorts): void {
  const { log } = ports
  const past = new PastPipelines()
  const signedIn = authenticate(ports.authenticator)

  /** The pipeline as it is now. Strangers are told what they would be told if it did not exist. */
  async function readable(request: Request, response: Response): Promise<PipelineAt> {
    const pipelineId = String(request.params['id'])
    const at = isUuid(pipelineId) ? await ports.pipelines.read(pipelineId as PipelineId) : null
    const teamId = at && teamOf(at.state)
    const role = teamId && (await ports.teams.roleOf(teamId, callerOf(response).userId))
    if (!at || !role) throw new Problem('not-found', 'There is no such pipeline.')
    return at
  }

  const state = async (request: Request, response: Response) => {
    const now = await readable(request, response)
    const moment = momentIn(readQuery(request, momentSchema))
    const { id } = now.state
    const at = moment ? await pipelineAt(log, id, now.revision, moment, past.snapshotsOf(id)) : now
    if (!at) throw outOfRange(moment!, now)
    response.json({ ...viewOf(at.state), revision: at.revision })
  }
  const snapshot = async (request: Request, response: Response) => {
    const { state: folded, revision: at, hash, recordedAt } = await readable(request, response)
    response.json({
      state: takeSnapshot(folded),
      vector: vectorOf(folded),
      revision: at,
      hash,
      recordedAt,
    })
  }
  const events = async (request: Request, response: Response) => {
    const { state: folded, revision: head } = await readable(request, response)
    const { type: types, ...filter } = readQuery(request, auditSchema)
    response.json({ events: await auditList(log, folded.id, head, { ...filter, types }), head })
  }
  const proof = async (request: Request, response: Response) => {
    const { state: folded, revision: head } = await readable(request, response)
    response.json(await proveChain(log, folded.id, head))
  }

  route(app, '/api/pipelines/:id/state', { get: [signedIn, state] })
  route(app, '/api/pipelines/:id/snapshot', { get: [signedIn, snapshot] })
  route(app, '/api/pipelines/:id/events', { get: [signedIn, events] })
  route(app, '/api/pipelines/:id/proof', { get: [signedIn, proof] })
}

function momentIn(query: z.output<typeof momentSchema>): Moment | null {
  if (query.revision !== undefined) return { revision: query.revision }
  if (query.time !== undefined) return { time: query.time }
  return query.clock === undefined ? null : { clock: query.clock }
}

function outOfRange(moment: Moment, { revision: head }: PipelineAt): Problem {
  if ('revision' in moment) {
    return new Problem('out-of-range', `Ask for a revision from 1 to ${head}.`, {
      members: { head },
    })
  }
  if ('time' in moment) {
    return new Problem('out-of-range', 'The pipeline did not exist yet. Ask for a later time.')
  }
  const why = 'No device ever saw the pipeline with this clock. Take one of an event or of a state.'
  return new Problem('out-of-range', why)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
