/** Random histories of several replicas that hear of each other in part, now and then. */
import fc from 'fast-check'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { PipelineChange } from '../../../domain/events/pipeline-events.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  TeamId,
} from '../../../domain/ids.ts'
import { evolve, isApplied, isReady } from '../../../domain/pipeline/evolve.ts'
import { stampChanges } from '../../../domain/pipeline/stamp.ts'
import { initialState, vectorOf, type PipelineState } from '../../../domain/pipeline/state.ts'
import { EVENTS_START_MS, namedUuid } from '../../support/events.ts'

export const PIPELINE = namedUuid('pipeline') as PipelineId

/** One thing that happens: a replica edits, or hears some events of another. */
export type Move =
  | { readonly do: 'edit'; readonly at: number; readonly pick: readonly number[] }
  | { readonly do: 'hear'; readonly at: number; readonly from: number; readonly most: number }

const index = fc.nat(3)
export const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('edit' as const),
        at: index,
        pick: fc.array(fc.nat(1_000), { minLength: 6, maxLength: 6 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('hear' as const),
        at: index,
        from: index,
        // Partial gossip: often not everything, so that views differ in more than one way.
        most: fc.integer({ min: 1, max: 12 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 90, size: 'max' },
)

interface Peer {
  readonly replicaId: ReplicaId
  readonly actorId: ActorId
  readonly state: PipelineState
  /** How far this device's clock is off, in ms. */
  readonly skew: number
}

/** Plays the moves; gives every event that was made, in the order of making. */
export function play(script: readonly Move[]): PipelineEvent[] {
  const peers = [0, 1, 2, 3].map((n): Peer => {
    return {
      replicaId: `replica0000${n}` as ReplicaId,
      actorId: namedUuid('actor', n % 2) as ActorId,
      state: initialState(PIPELINE),
      skew: [0, -5_000, 40_000, 3][n]!,
    }
  })
  const all: PipelineEvent[] = []
  const act = (peer: Peer, change: PipelineChange) => {
    const n = all.length
    const seen = {
      pipelineId: PIPELINE,
      vector: vectorOf(peer.state),
      greatestHlc: peer.state.greatestHlc,
    }
    const [event] = stampChanges([change], seen, {
      actorId: peer.actorId,
      replicaId: peer.replicaId,
      intentId: namedUuid('intent', n) as IntentId,
      now: EVENTS_START_MS + n * 7 + peer.skew,
      newEventId: () => namedUuid('event', n) as EventId,
    })
    all.push(event!)
    evolve(peer.state, event!)
  }
  act(peers[0]!, {
    type: 'PipelineCreated',
    payload: { name: 'p', teamId: namedUuid('team') as TeamId },
  })
  for (const peer of peers.slice(1)) evolve(peer.state, all[0]!)
  for (const move of script) {
    const peer = peers[move.at]!
    if (move.do === 'edit') act(peer, changeFrom(move.pick, peer.state))
    else hear(peer, all, peers[move.from]!, move.most)
  }
  return all
}

function hear(peer: Peer, all: readonly PipelineEvent[], from: Peer, most: number): void {
  let left = most
  for (const event of all) {
    if (left === 0) return
    if (!isApplied(from.state, event) || isApplied(peer.state, event)) continue
    if (!isReady(peer.state, event)) continue
    evolve(peer.state, event)
    left -= 1
  }
}

/** A small world, so that edits meet: four steps, two keys, few values. */
const STEPS = [0, 1, 2, 3].map((n) => namedUuid('step', n))
const NOTES = [0, 1].map((n) => namedUuid('note', n))
const COMMENTS = [0, 1].map((n) => namedUuid('comment', n))

/** Any edit of things that this replica has seen added, existing or not, sensible or not. */
function changeFrom(pick: readonly number[], state: PipelineState): PipelineChange {
  const [kind, a, b, c, d, e] = pick.map((n) => n) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const one = <T>(items: readonly T[], n: number): T => items[n % items.length]!
  const seen = (ids: readonly string[], map: ReadonlyMap<string, { adds: readonly unknown[] }>) =>
    ids.filter((id) => (map.get(id)?.adds.length ?? 0) > 0)
  const steps = seen(STEPS, state.steps)
  const missing = STEPS.filter((id) => !state.steps.has(id))
  const at = (n: number, m: number) => ({ x: (n % 9) * 10, y: (m % 9) * 10 })
  if (steps.length < 2 || (missing.length > 0 && kind % 9 === 0)) {
    const stepId = missing.length > 0 ? one(missing, a) : one(STEPS, a)
    const config = { k0: b % 3, ...(c % 2 && { k1: { deep: [d % 2] } }) }
    return change('StepAdded', {
      stepId,
      kind: 'http',
      name: `s${b % 3}`,
      placement: at(c, d),
      config,
    })
  }
  const stepId = one(steps, a)
  const ends = {
    from: { stepId: one(steps, b), port: `out${d % 2}` },
    to: { stepId: one(steps, c), port: 'in0' },
  }
  const known = [...state.connections.values()]
  const notes = seen(NOTES, state.notes)
  const comments = seen(COMMENTS, state.comments)
  const noteId = notes.length > 0 && d % 3 ? one(notes, b) : null
  const commentId = comments.length > 0 && d % 3 ? one(comments, b) : null
  const choices: (() => PipelineChange)[] = [
    () => change('StepConfigured', { stepId, key: `k${b % 2}`, value: one([1, 2, 'x', null], c) }),
    () => change('StepConfigured', { stepId, key: `k${b % 2}`, value: one([1, 2, 'x', null], c) }),
    () => change('StepConfigCleared', { stepId, key: `k${b % 2}` }),
    () => change('StepRenamed', { stepId, name: `n${b % 4}` }),
    () => change('StepMoved', { stepId, placement: at(b, c) }),
    () => change(b % 2 ? 'StepEnabled' : 'StepDisabled', { stepId }),
    () => change('StepRemoved', { stepId }),
    () => change('StepRestored', { stepId }),
    () => change('StepsConnected', ends),
    () => change('StepsConnected', ends),
    () => change('StepsConnected', ends),
    () =>
      known.length
        ? change('StepsDisconnected', one(known, e).ends)
        : change('StepsConnected', ends),
    () =>
      noteId
        ? one(
            [
              () => change('NoteEdited', { noteId, text: `t${c % 3}` }),
              () => change('NoteMoved', { noteId, placement: at(c, e) }),
              () => change('NoteResized', { noteId, size: { width: 10 + c, height: 20 } }),
              () => change('NoteRemoved', { noteId }),
              () => change('NoteRestored', { noteId }),
            ],
            e,
          )()
        : change('NoteAdded', {
            noteId: one(NOTES, b),
            text: 't',
            placement: at(c, e),
            size: { width: 9, height: 9 },
          }),
    () =>
      commentId
        ? one(
            [
              () => change('CommentEdited', { commentId, body: `b${c % 3}` }),
              () => change(c % 2 ? 'CommentResolved' : 'CommentReopened', { commentId }),
              () => change('CommentRemoved', { commentId }),
              () => change('CommentRestored', { commentId }),
            ],
            e,
          )()
        : change('CommentAdded', { commentId: one(COMMENTS, b), body: 'b', stepId }),
    () => change('PipelineRenamed', { name: `p${b % 3}` }),
    () => change('PipelineDescribed', { description: `d${b % 3}` }),
    () => change('PipelineGraphRuleSet', { graphRule: b % 3 ? 'acyclic' : 'free' }),
    () => change(b % 2 ? 'PipelineArchived' : 'PipelineUnarchived', {}),
  ]
  return one(choices, kind)()
}

function change(type: PipelineChange['type'], payload: object): PipelineChange {
  return { type, payload } as PipelineChange
}

/** Events in an order that a generator chooses, with duplicates. */
export function shuffled(
  events: readonly PipelineEvent[],
  salt: readonly number[],
): PipelineEvent[] {
  const copies = events.flatMap((event, i) =>
    (salt[i % salt.length] ?? 0) % 5 === 0 ? [event, event] : [event],
  )
  return copies
    .map((event, i) => ({
      event,
      rank: ((salt[(i * 7) % salt.length] ?? 0) * 7_919 + i * 104_729) % 10_007,
    }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ event }) => event)
}
