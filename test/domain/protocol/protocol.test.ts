import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { z } from 'zod'
import { pipelineEventSchema } from '../../../domain/events/event.ts'
import {
  PIPELINE_EVENT_SCHEMA,
  pipelineEventPayloads,
} from '../../../domain/events/pipeline-events.ts'
import type { PipelineId, ReplicaId, Revision } from '../../../domain/ids.ts'
import { canonicalJson } from '../../../domain/json.ts'
import { codes } from '../../../domain/protocol/codes.ts'
import {
  closeSchema,
  handshakeSchema,
  openSchema,
  presenceSchema,
  PROTOCOL_VERSION,
  pushSchema,
  SYNC_NAMESPACE,
  type EventsMessage,
  type OpenAnswer,
  type PresenceUpdate,
  type PushAnswer,
  type RevokedMessage,
  type RoleMessage,
} from '../../../domain/protocol/messages.ts'
import { accountEventPayloads, teamEventPayloads } from '../../../domain/team/team-events.ts'
import { namedUuid } from '../../support/events.ts'

/** A short hash of what zod schemas take, by name. */
function hashOf(schemas: Record<string, z.ZodType>): string {
  const described = Object.entries(schemas).map(([name, schema]) => [
    name,
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  ])
  return createHash('sha256').update(canonicalJson(described)).digest('hex').slice(0, 16)
}

describe('the sync protocol', () => {
  // Programs of other versions are out there. Where this fails, ask whether they still understand:
  // if not, raise PROTOCOL_VERSION; in any case add a line to the history in messages.ts.
  it('is version 1, with these messages of the client', () => {
    expect([PROTOCOL_VERSION, SYNC_NAMESPACE]).to.deep.equal([1, '/sync'])
    const messages = { handshakeSchema, openSchema, pushSchema, closeSchema, presenceSchema }
    expect(hashOf(messages)).to.equal('8cf8ad25381357c9')
  })

  it('asks this of the client with each of its codes', () => {
    expect(codes).to.deep.equal({
      malformed: 'fatal',
      'too-large': 'fatal',
      forbidden: 'fatal',
      'not-found': 'fatal',
      archived: 'fatal',
      gap: 'mended',
      'missing-dependency': 'mended',
      'replica-forked': 'mended',
      'clock-ahead': 'mended',
      'stale-epoch': 'mended',
      'other-history': 'mended',
      'rate-limited': 'retried',
      unavailable: 'retried',
    })
  })

  it('has these messages of the server, which the compiler holds to their types', () => {
    const pipelineId = namedUuid('pipeline') as PipelineId
    const vector = { ['replica00001' as ReplicaId]: 1 }
    const head = 1 as Revision
    const progress = { accepted: 1, duplicates: 0, head, vector }
    const opened: OpenAnswer = { ok: true, role: 'editor', head, vector, serverTime: 0 }
    const pushed: PushAnswer = { ok: true, ...progress }
    const stopped: PushAnswer = { ok: false, at: 0, code: 'archived', message: 'No.', ...progress }
    const events: EventsMessage = { pipelineId, events: [], head }
    const presence: PresenceUpdate = { pipelineId, members: [] }
    const revoked: RevokedMessage = { pipelineId, reason: 'You left.' }
    const role: RoleMessage = { pipelineId, role: 'viewer' }
    const answers = [opened, pushed, stopped, events, presence, revoked, role]
    const keys = answers.map((message) => Object.keys(message))
    expect(keys.map((names) => names.sort().join(' '))).to.deep.equal([
      'head ok role serverTime vector',
      'accepted duplicates head ok vector',
      'accepted at code duplicates head message ok vector',
      'events head pipelineId',
      'members pipelineId',
      'pipelineId reason',
      'pipelineId role',
    ])
  })

  it('takes messages with fields that a later version has added', () => {
    const pipelineId = namedUuid('pipeline')
    const added = { later: true }
    const handshake = { token: 't', replicaId: 'replica00001', protocol: 2, ...added }
    expect(handshakeSchema.safeParse(handshake).success).to.equal(true)
    expect(openSchema.safeParse({ pipelineId, after: 0, ...added }).success).to.equal(true)
    expect(pushSchema.safeParse({ pipelineId, events: [], ...added }).success).to.equal(true)
    expect(closeSchema.safeParse({ pipelineId, ...added }).success).to.equal(true)
    expect(presenceSchema.safeParse({ pipelineId, ...added }).success).to.equal(true)
  })
})

describe('the schemas of stored events', () => {
  // Events are for ever. Where this fails, every event that the old schema took must still be read
  // as it was: raise PIPELINE_EVENT_SCHEMA and upcast where it would not.
  it('are version 1, with this envelope and these payloads', () => {
    expect(PIPELINE_EVENT_SCHEMA).to.equal(1)
    expect(hashOf({ pipelineEventSchema })).to.equal('e4461aecf9738786')
    expect(hashOf(pipelineEventPayloads)).to.equal('92dce69f647bd790')
    expect(hashOf({ ...teamEventPayloads, ...accountEventPayloads })).to.equal('06d06a691e037a2e')
  })
})
