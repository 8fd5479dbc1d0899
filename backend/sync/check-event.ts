/**
 * What an event must satisfy to be admitted, in the order of the contract: form and size, whether
 * it is here already, role, causality, clock. Nothing here decides a merge: a concurrent edit is
 * never refused, except into an archived pipeline.
 */
import { hlcMs } from '../../domain/clock/hlc.ts'
import { dominates, includes } from '../../domain/clock/version-vector.ts'
import {
  pipelineEventSchema,
  isKnown,
  readChange,
  type PipelineEvent,
  type Stamp,
} from '../../domain/events/event.ts'
import type { PipelineChange } from '../../domain/events/pipeline-events.ts'
import type { ActorId, PipelineId, ReplicaId, TeamId } from '../../domain/ids.ts'
import { jsonIssue } from '../../domain/json.ts'
import { limits } from '../../domain/limits.ts'
import { effectOf, type ThingRef } from '../../domain/pipeline/effects.ts'
import {
  isArchived,
  isCreated,
  teamOf,
  thingsOf,
  type PipelineState,
} from '../../domain/pipeline/state.ts'
import type { Code, Refusal } from '../../domain/protocol/codes.ts'
import { atLeast, type Role } from '../../domain/team/roles.ts'

export const refusal = (code: Code, message: string): Refusal => ({ code, message })

/** What came over the wire as an event, looked at once: is it JSON that can be stored, how large. */
export interface Arrival {
  readonly raw: unknown
  /** What keeps it from being stored, as `jsonIssue` says; null where nothing does. */
  readonly issue: string | null
  /** Of its JSON; 0 where there is an issue, for measuring it might need more stack than there is. */
  readonly bytes: number
}

export function arrival(raw: unknown): Arrival {
  const issue = jsonIssue(raw)
  return { raw, issue, bytes: issue ? 0 : Buffer.byteLength(JSON.stringify(raw)) }
}

/** An event that has the right form, or why it has not. */
export function checkForm(
  { raw, issue, bytes }: Arrival,
  pipelineId: PipelineId,
  actorId: ActorId,
): { readonly event: PipelineEvent } | { readonly refused: Refusal } {
  const malformed = (why: string) => ({
    refused: refusal('malformed', `The event is malformed: ${why}.`),
  })
  if (issue) return malformed(issue)
  const parsed = pipelineEventSchema.safeParse(raw)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    return malformed(`${path.join('.') || 'the event'} ${message}`)
  }
  const event = parsed.data as PipelineEvent
  if (bytes > limits.eventBytes) {
    return {
      refused: refusal('too-large', `An event may have at most ${limits.eventBytes} bytes.`),
    }
  }
  if (event.pipelineId !== pipelineId) return malformed('it belongs to another pipeline')
  if (event.clock[event.replicaId] !== event.seq) return malformed('its clock lacks its own entry')
  if (event.actorId !== actorId) {
    return { refused: refusal('forbidden', 'An event can be sent only by the person who made it.') }
  }
  const change = readChange(event)
  if (isKnown(event) && !change) return malformed(`its payload is not that of a ${event.type}`)
  if (change?.type === 'VersionTagged' && !dominates(event.clock, change.payload.cut)) {
    return malformed('its cut holds more than the event has seen')
  }
  return { event }
}

/** Whose a replica is that has not written to a pipeline yet: see the replica registry. */
export type OwnerOf = (replicaId: ReplicaId) => Promise<ActorId | null>

/** Roles are asked for by team, at the moment of the check. */
export type RoleOf = (teamId: TeamId, actorId: ActorId) => Promise<Role | null>

/** A refusal that every other event of this person would meet here too. */
const ofPipeline = (code: Code, message: string): Refusal => ({
  ...refusal(code, message),
  scope: 'pipeline',
})

export const NO_SUCH_PIPELINE = ofPipeline('not-found', 'There is no such pipeline.')
/** A device that meets this with an id of its own takes another one, and goes on. */
const SOMEBODY_ELSES_REPLICA = refusal(
  'replica-forked',
  'This replica belongs to somebody else: take another id.',
)

/** Null where a replica is this person's, or nobody's yet. */
export async function checkOwner(
  replicaId: ReplicaId,
  actorId: ActorId,
  state: PipelineState,
  ownerOf: OwnerOf,
): Promise<Refusal | null> {
  const owner = state.replicas.get(replicaId)?.actorId ?? (await ownerOf(replicaId))
  return owner && owner !== actorId ? SOMEBODY_ELSES_REPLICA : null
}

export const VIEWER_CANNOT_EDIT = ofPipeline(
  'forbidden',
  'A viewer cannot edit. Ask an owner of the team to make you an editor.',
)

/** Whether the person may make this event in this state; null where they may. */
export async function checkRole(
  event: PipelineEvent,
  state: PipelineState,
  { roleOf, ownerOf }: { readonly roleOf: RoleOf; readonly ownerOf: OwnerOf },
): Promise<Refusal | null> {
  const change = readChange(event)
  const created = isCreated(state)
  const founding = change?.type === 'PipelineCreated' ? change : null
  if (!created && !founding) return NO_SUCH_PIPELINE
  const role = await roleOf(created ? teamOf(state)! : founding!.payload.teamId, event.actorId)
  if (!role) return NO_SUCH_PIPELINE
  if (!atLeast(role, 'editor')) return VIEWER_CANNOT_EDIT
  if (created && founding) return refusal('malformed', 'This pipeline has been created already.')
  const stranger = await checkOwner(event.replicaId, event.actorId, state, ownerOf)
  if (stranger) return stranger
  if (isArchived(state) && event.type !== 'PipelineUnarchived') {
    return ofPipeline('archived', 'This pipeline is archived. Unarchive it to go on editing.')
  }
  return change && checkAuthor(change, state, event.actorId)
}

function checkAuthor(
  change: PipelineChange,
  state: PipelineState,
  actorId: ActorId,
): Refusal | null {
  // An addition of a comment that is there writes its body too.
  if (change.type !== 'CommentEdited' && change.type !== 'CommentAdded') return null
  const author = state.comments.get(change.payload.commentId)?.adds[0]?.actorId
  return author === undefined || author === actorId
    ? null
    : refusal('forbidden', 'Only its author may edit a comment.')
}

/** Whether everything that the event has seen, and refers to, is here; null where it is. */
export function checkCausality(event: PipelineEvent, state: PipelineState): Refusal | null {
  const own = state.replicas.get(event.replicaId)
  const expected = (own?.seq ?? 0) + 1
  if (event.seq > expected) {
    return refusal('gap', `Event ${event.seq} of this replica came, but ${expected} is next.`)
  }
  let seen = own?.hlc ?? ''
  for (const [replicaId, seq] of Object.entries(event.clock)) {
    if (replicaId === event.replicaId) continue
    const head = state.replicas.get(replicaId as ReplicaId)
    if (!head || head.seq < seq) {
      return refusal(
        'missing-dependency',
        `It has seen event ${seq} of ${replicaId}, which is not here.`,
      )
    }
    if (head.seq === seq && head.hlc > seen) seen = head.hlc
  }
  const change = readChange(event)
  const effect = change && effectOf(change)
  for (const thing of effect ? [effect.thing, ...effect.refersTo] : []) {
    // Who is the first to add a thing is its author, and has its turn in the graph.
    for (const add of addsOf(thing, state)) {
      if (add.hlc > seen && includes(event.clock, add)) seen = add.hlc
    }
  }
  if (event.hlc <= seen) {
    return refusal(
      'malformed',
      'The event is malformed: its hlc is not greater than what it has seen.',
    )
  }
  const unseen = effect?.refersTo.find((thing) => !hasSeenAddOf(thing, event, state))
  if (!unseen) return null
  return refusal(
    'missing-dependency',
    `It is about a ${unseen.kind} whose addition it has not seen.`,
  )
}

function hasSeenAddOf({ kind, id }: ThingRef, event: PipelineEvent, state: PipelineState): boolean {
  return (
    kind === 'pipeline' || addsOf({ kind, id }, state).some((add) => includes(event.clock, add))
  )
}

function addsOf({ kind, id }: ThingRef, state: PipelineState): readonly Stamp[] {
  if (kind === 'pipeline') return []
  const thing = kind === 'connection' ? state.connections.get(id) : thingsOf(state, kind).get(id)
  return thing?.adds ?? []
}

/**
 * Whether the device's clock is credible.
 * @param latestMs the greatest hlc of the pipeline before this push, in milliseconds since 1970
 */
export function checkClock(event: PipelineEvent, latestMs: number, now: number): Refusal | null {
  if (hlcMs(event.hlc) <= Math.max(now, latestMs) + limits.clockAheadMs) return null
  const message = "This device's clock is more than a minute ahead of the server's."
  return { code: 'clock-ahead', message, serverTime: now }
}
