/**
 * Admission: from a push to events in the log, or to the one refusal that stopped it.
 *
 * Guarantees: an event is acknowledged only after it is durable; a push that stops at an index has
 * everything before that index accepted; sending the same events again is always safe. Several
 * nodes may admit into one pipeline at once: each appends at an expected revision, and the one that
 * lost looks at the new state and checks again.
 */
import { hlcMs } from '../../domain/clock/hlc.ts'
import { dominates, includes, type VersionVector } from '../../domain/clock/version-vector.ts'
import {
  isPipelineEvent,
  readChange,
  type PipelineEvent,
  type StoredEvent,
} from '../../domain/events/event.ts'
import {
  pipelineStream,
  type ActorId,
  type EventId,
  type PipelineId,
  type ReplicaId,
  type Revision,
} from '../../domain/ids.ts'
import { sameJson } from '../../domain/json.ts'
import { limits } from '../../domain/limits.ts'
import {
  AppendRefused,
  LogUnavailable,
  type AppendResult,
  type EventLog,
} from '../../domain/log/event-log.ts'
import { atLeast } from '../../domain/team/roles.ts'
import { evolve } from '../../domain/pipeline/evolve.ts'
import {
  forkState,
  isCreated,
  teamOf,
  vectorOf,
  type PipelineState,
} from '../../domain/pipeline/state.ts'
import type { Refusal } from '../../domain/protocol/codes.ts'
import type { PushAnswer } from '../../domain/protocol/messages.ts'
import type { PipelineAt, PipelineDirectory } from '../pipelines/pipeline-directory.ts'
import {
  arrival,
  checkCausality,
  checkClock,
  checkForm,
  checkRole,
  checkOwner,
  NO_SUCH_PIPELINE,
  refusal,
  VIEWER_CANNOT_EDIT,
  type Arrival,
  type OwnerOf,
  type RoleOf,
} from './check-event.ts'
import { createKeyedMutex } from './keyed-mutex.ts'

export interface Push {
  readonly actorId: ActorId
  readonly pipelineId: PipelineId
  /** As they came over the wire. */
  readonly events: readonly unknown[]
  /** Of the replica's local store; without it the push is not fenced. */
  readonly epoch?: number
  /** Whose epoch an empty push raises. */
  readonly replicaId?: ReplicaId
  /** Asked once, when there is something new to accept: how long to wait, or null to go on. */
  readonly throttle?: () => number | null
}

export interface Admission {
  push(push: Push): Promise<PushAnswer>
}

export interface AdmissionPorts {
  readonly log: EventLog
  readonly directory: PipelineDirectory
  readonly roleOf: RoleOf
  readonly ownerOf: OwnerOf
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** How often a push looks again after another node was faster, before the client is told to retry. */
const MAX_ATTEMPTS = 20
/** Events per read when a duplicate is looked for, from the newest backwards. */
const LOOKBACK_PAGE = 500

export function createAdmission(ports: AdmissionPorts): Admission {
  const exclusively = createKeyedMutex<PipelineId>()
  return {
    push: (push) =>
      exclusively(push.pipelineId, async () => {
        try {
          return await admit({ ...push, throttle: once(push.throttle ?? (() => null)) }, ports)
        } catch (error) {
          if (!(error instanceof LogUnavailable)) throw error
          const refused = refusal('unavailable', 'The server cannot store edits right now.')
          return answer({ accepted: 0, duplicates: 0 }, null, { at: 0, refused })
        }
      }),
  }
}

/** Asks the first time alone, however many looks and attempts a push takes. */
function once<T>(ask: () => T): () => T {
  let asked: { readonly answer: T } | null = null
  return () => (asked ??= { answer: ask() }).answer
}

interface Count {
  accepted: number
  duplicates: number
}

interface Stop {
  readonly at: number
  readonly refused: Refusal
}

/** An answer; head and vector are for those alone who may read the pipeline. */
function answer(count: Count, at: PipelineAt | null, stop?: Stop): PushAnswer {
  const head = at?.revision ?? (0 as Revision)
  const vector: VersionVector = at ? vectorOf(at.state) : {}
  const progress = { ...count, head, vector }
  return stop ? { ok: false, at: stop.at, ...stop.refused, ...progress } : { ok: true, ...progress }
}

/** Admits a push replica by replica; nearly always there is one. */
async function admit(push: Push, ports: AdmissionPorts): Promise<PushAnswer> {
  const { events, refused } = wellFormed(push)
  const [first = [], ...others] = replicaRuns(events)
  let result = await admitRun(first, others.length ? undefined : refused, push, ports)
  for (const [index, run] of others.entries()) {
    if (!result.ok) return result
    const isLast = index === others.length - 1
    const next = await admitRun(run, isLast ? refused : undefined, push, ports)
    result = continued(result, next)
  }
  return result
}

/** The answer to a push of two parts of which the first was accepted whole. */
function continued(first: PushAnswer, second: PushAnswer): PushAnswer {
  const accepted = first.accepted + second.accepted
  const duplicates = first.duplicates + second.duplicates
  if (second.ok) return { ...second, accepted, duplicates }
  return { ...second, accepted, duplicates, at: first.accepted + first.duplicates + second.at }
}

function replicaRuns(events: readonly PipelineEvent[]): PipelineEvent[][] {
  const runs: PipelineEvent[][] = []
  for (const event of events) {
    const run = runs.at(-1)
    if (run?.[0]?.replicaId === event.replicaId) run.push(event)
    else runs.push([event])
  }
  return runs
}

async function admitRun(
  events: readonly PipelineEvent[],
  /** Why the event after these is not well-formed, where there is one. */
  malformed: Refusal | undefined,
  push: Push,
  ports: AdmissionPorts,
): Promise<PushAnswer> {
  const outsider = events.length === 0 ? await refuseOutsider(push, ports) : null
  if (outsider)
    return answer({ accepted: 0, duplicates: 0 }, null, { at: 0, refused: malformed ?? outsider })
  const formStop = malformed && { at: events.length, refused: malformed }
  for (let attempt = 1; ; attempt++) {
    const at = await (attempt === 1
      ? ports.directory.recent(push.pipelineId)
      : ports.directory.refresh(push.pipelineId))
    const examined = await examine(events, at, push, ports)
    if (attempt === 1 && isOpenToDoubt(examined)) continue
    const outcome = await append(examined, at, push, ports)
    if ('poison' in outcome) return withoutPoison(events, outcome.poison, malformed, push, ports)
    const retry = !outcome.ok && outcome.reason === 'conflict' && attempt < MAX_ATTEMPTS
    if (!retry) return conclude(outcome, examined, formStop, at, push, ports)
  }
}

/**
 * Whether a refusal may come of this node's being behind what others have appended; where something
 * is to be appended too, the append itself tells.
 */
function isOpenToDoubt({ fresh, stop }: Examined): boolean {
  return fresh.length === 0 && stop !== undefined && stop.refused.code !== 'rate-limited'
}

/** One of the events can be stored by no log: those before it go in one by one, and it is named. */
async function withoutPoison(
  events: readonly PipelineEvent[],
  poison: AppendRefused,
  malformed: Refusal | undefined,
  push: Push,
  ports: AdmissionPorts,
): Promise<PushAnswer> {
  const [first, ...others] = events
  if (others.length === 0) {
    const { directory } = ports
    const at = await directory.recent(push.pipelineId)
    const refused = refusal('malformed', `The event cannot be stored: ${poison.message}`)
    return answer({ accepted: 0, duplicates: 0 }, at, { at: 0, refused })
  }
  const result = await admitRun([first!], undefined, push, ports)
  return result.ok ? continued(result, await admitRun(others, malformed, push, ports)) : result
}

/** What became of the events of a push in one look at one state. */
interface Examined {
  readonly fresh: readonly PipelineEvent[]
  /** Where the first of those stands in the push: what is before it is here already. */
  readonly firstFresh: number
  readonly duplicates: number
  readonly stop: Stop | undefined
  /** What the state will be once the fresh events are in the log. */
  readonly after: PipelineState
}

async function conclude(
  outcome: AppendResult,
  examined: Examined,
  formStop: Stop | undefined,
  before: PipelineAt,
  push: Push,
  { directory, roleOf }: AdmissionPorts,
): Promise<PushAnswer> {
  let count = { accepted: examined.fresh.length, duplicates: examined.duplicates }
  let stop = examined.stop ?? formStop
  let at = before
  if (outcome.ok) {
    at = reached(examined, before, outcome.stored)
    if (at.revision > 0) directory.remember(at)
  } else {
    count = { accepted: 0, duplicates: examined.firstFresh }
    stop = { at: examined.firstFresh, refused: refusalOf(outcome) }
  }
  const role = isCreated(at.state) ? await roleOf(teamOf(at.state)!, push.actorId) : null
  return answer(count, role ? at : null, stop)
}

/**
 * The pipeline once an append has stored what was tried on a fork of it: the fork is the state. The
 * log may turn out to hold the same events already, by a copy of the push from before the device
 * gave them other clocks: then the state is that of what is stored.
 */
function reached(
  { after, fresh }: Examined,
  before: PipelineAt,
  stored: readonly StoredEvent[],
): PipelineAt {
  const last = stored.at(-1)
  if (!last) return before
  const isAsTried = stored.every(({ event }, i) => sameJson(event, fresh[i]))
  const state = isAsTried ? after : forkState(before.state)
  if (!isAsTried) for (const { event } of stored) if (isPipelineEvent(event)) evolve(state, event)
  return { state, revision: last.revision, hash: last.hash, recordedAt: last.recordedAt }
}

function refusalOf(outcome: Extract<AppendResult, { ok: false }>): Refusal {
  if (outcome.reason === 'conflict') {
    return refusal('unavailable', 'Too many people are editing at this moment. Trying again helps.')
  }
  const message = 'Another tab of this device has taken over the upload.'
  return { code: 'stale-epoch', message, epoch: outcome.epoch }
}

/** Too many bytes in all; like those of a list in JSON, the events have a comma between them. */
function oversize(arrivals: readonly Arrival[]): Refusal | undefined {
  const storable = arrivals.filter(({ issue }) => !issue)
  const bytes = storable.reduce((sum, each) => sum + each.bytes + 1, -1)
  if (bytes <= limits.pushBytes) return undefined
  return refusal('too-large', `A push may have at most ${limits.pushBytes} bytes.`)
}

/** The events up to the first that has not the right form, and why it has not. */
function wellFormed(push: Push): { events: PipelineEvent[]; refused: Refusal | undefined } {
  const events: PipelineEvent[] = []
  // Counted first, so that a push of many events is refused without looking at each of them.
  if (push.events.length > limits.pushEvents) {
    const message = `A push may hold at most ${limits.pushEvents} events.`
    return { events, refused: refusal('too-large', message) }
  }
  const arrivals = push.events.map(arrival)
  const refused = oversize(arrivals)
  if (refused) return { events, refused }
  for (const each of arrivals) {
    const form = checkForm(each, push.pipelineId, push.actorId)
    if ('refused' in form) return { events, refused: form.refused }
    events.push(form.event)
  }
  return { events, refused: undefined }
}

/** A push without events raises a fence, or does nothing: it takes an editor, and a replica of theirs. */
async function refuseOutsider(
  { pipelineId, actorId, replicaId }: Push,
  { directory, roleOf, ownerOf }: AdmissionPorts,
): Promise<Refusal | null> {
  const { state } = await directory.recent(pipelineId)
  const role = isCreated(state) ? await roleOf(teamOf(state)!, actorId) : null
  if (!role) return NO_SUCH_PIPELINE
  if (!atLeast(role, 'editor')) return VIEWER_CANNOT_EDIT
  return replicaId ? checkOwner(replicaId, actorId, state, ownerOf) : null
}

/** Checks events one after the other on the state that the ones before them leave. */
async function examine(
  events: readonly PipelineEvent[],
  at: PipelineAt,
  push: Push,
  ports: AdmissionPorts,
): Promise<Examined> {
  const known = await knownIds(events, at.state, ports.log)
  const trial = forkState(at.state)
  const latestMs = hlcMs(at.state.greatestHlc)
  const fresh: PipelineEvent[] = []
  let firstFresh = 0
  let duplicates = 0
  for (const [index, event] of events.entries()) {
    const stored = known.get(event.seq)
    if (stored === event.id) {
      duplicates += 1
      continue
    }
    const refused =
      (await checkRole(event, trial, ports)) ??
      (stored === undefined ? checkCausality(event, trial) : forked(event)) ??
      (await checkCut(event, fresh, push.pipelineId, ports.log)) ??
      checkClock(event, latestMs, ports.now()) ??
      (fresh.length === 0 ? throttled(push) : null)
    if (refused) {
      return { fresh, firstFresh, duplicates, stop: { at: index, refused }, after: trial }
    }
    if (fresh.length === 0) firstFresh = index
    evolve(trial, event)
    fresh.push(event)
    known.set(event.seq, event.id)
  }
  return { fresh, firstFresh, duplicates, stop: undefined, after: trial }
}

const forked = (event: PipelineEvent): Refusal =>
  refusal('replica-forked', `Another event took place ${event.seq} of this replica: it was copied.`)

function throttled(push: Push): Refusal | null {
  const retryAfterMs = push.throttle?.() ?? null
  if (retryAfterMs === null) return null
  return { ...refusal('rate-limited', 'This is more than the server takes at once.'), retryAfterMs }
}

/** The ids of stored events of the pushing replica, by seq, for those seqs that are taken. */
async function knownIds(
  events: readonly PipelineEvent[],
  state: PipelineState,
  log: EventLog,
): Promise<Map<number, EventId>> {
  const ids = new Map<number, EventId>()
  const [first] = events
  if (!first) return ids
  const head = state.replicas.get(first.replicaId)?.seq ?? 0
  const wanted = new Set(events.map((event) => event.seq).filter((seq) => seq <= head))
  if (wanted.size === 0) return ids
  await lookBack(log, first.pipelineId, (event) => {
    if (event.replicaId === first.replicaId && wanted.delete(event.seq))
      ids.set(event.seq, event.id)
    return wanted.size > 0
  })
  return ids
}

/** Goes through a pipeline's stored events, newest first, for as long as `visit` asks for more. */
async function lookBack(
  log: EventLog,
  pipelineId: PipelineId,
  visit: (event: PipelineEvent) => boolean,
): Promise<void> {
  let before: Revision | undefined
  for (;;) {
    const page = await log.readStream(pipelineStream(pipelineId), {
      direction: 'backward',
      limit: LOOKBACK_PAGE,
      ...(before !== undefined && { before }),
    })
    for (const { event } of page) if (isPipelineEvent(event) && !visit(event)) return
    before = page.at(-1)?.revision
    if (before === undefined || before <= 1) return
  }
}

/**
 * Whether a tagged cut is causally closed: held against the clocks of all events in it, for nothing
 * says that the clock of the event itself is.
 * @param before the events of the same push before it
 */
async function checkCut(
  event: PipelineEvent,
  before: readonly PipelineEvent[],
  pipelineId: PipelineId,
  log: EventLog,
): Promise<Refusal | null> {
  const change = readChange(event)
  if (change?.type !== 'VersionTagged') return null
  const { cut } = change.payload
  const isClosedOver = (seen: PipelineEvent) => !includes(cut, seen) || dominates(cut, seen.clock)
  let closed = [...before, event].every(isClosedOver)
  if (closed) await lookBack(log, pipelineId, (stored) => (closed = isClosedOver(stored)))
  return closed
    ? null
    : refusal('malformed', 'The event is malformed: its cut is not causally closed.')
}

/** Appends what is fresh; tells apart an event that can never be stored. */
async function append(
  { fresh }: Examined,
  at: PipelineAt,
  push: Push,
  { log }: AdmissionPorts,
): Promise<AppendResult | { readonly poison: AppendRefused }> {
  const replicaId = fresh[0]?.replicaId ?? push.replicaId
  const fence = push.epoch !== undefined && replicaId ? { replicaId, epoch: push.epoch } : undefined
  const raises = push.events.length === 0 && fence !== undefined && at.revision > 0
  if (fresh.length === 0 && !raises) return { ok: true, stored: [] }
  try {
    return await log.append({
      streamId: pipelineStream(push.pipelineId),
      expectedRevision: at.revision,
      events: fresh,
      ...(fence && { fence }),
    })
  } catch (error) {
    if (error instanceof AppendRefused) return { poison: error }
    throw error
  }
}
