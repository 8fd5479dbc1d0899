/** One replica in a told story: it acts on what it has seen, and hears of others when told to. */
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { PipelineChange } from '../../../domain/events/pipeline-events.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  NoteId,
  CommentId,
  ReplicaId,
  StepId,
  TeamId,
} from '../../../domain/ids.ts'
import type { Command } from '../../../domain/pipeline/commands.ts'
import { deliver } from '../../../domain/pipeline/causal-delivery.ts'
import { decide, type Decision } from '../../../domain/pipeline/decide.ts'
import { evolve, evolveAll } from '../../../domain/pipeline/evolve.ts'
import { stampChanges, type Authorship } from '../../../domain/pipeline/stamp.ts'
import { initialState, vectorOf, type PipelineState } from '../../../domain/pipeline/state.ts'
import { EVENTS_START_MS, namedUuid } from '../../support/events.ts'
import { PIPELINE } from './histories.ts'

export const TEAM = namedUuid('team') as TeamId
export const stepId = (name: string) => namedUuid('step', name) as StepId
export const noteId = (name: string) => namedUuid('note', name) as NoteId
export const commentId = (name: string) => namedUuid('comment', name) as CommentId
export const actorOf = (name: string) => namedUuid('actor', name) as ActorId

let intents = 0

export class Peer {
  readonly actorId: ActorId
  readonly replicaId: ReplicaId
  readonly state: PipelineState = initialState(PIPELINE)
  /** Everything that this replica has applied, in its order. */
  readonly seen: PipelineEvent[] = []
  /** Milliseconds since 1970. */
  now: number

  /** @param clockSkew how far its clock is off, in ms */
  constructor(name: string, clockSkew = 0) {
    this.actorId = actorOf(name)
    this.replicaId = name.padEnd(12, '0').slice(0, 12) as ReplicaId
    this.now = EVENTS_START_MS + clockSkew
  }

  author(): Authorship {
    const { actorId, replicaId } = this
    const intentId = namedUuid('intent', ++intents) as IntentId
    this.now += 1
    let minted = 0
    const newEventId = () => namedUuid('event', intentId, ++minted) as EventId
    return { actorId, replicaId, intentId, now: this.now, newEventId }
  }

  /** Records a change whether it makes sense or not, as a program of another make might. */
  act<T extends PipelineChange['type']>(
    type: T,
    payload: Extract<PipelineChange, { type: T }>['payload'],
  ): PipelineEvent {
    const { id: pipelineId, greatestHlc } = this.state
    const seen = { pipelineId, vector: vectorOf(this.state), greatestHlc }
    const [event] = stampChanges([{ type, payload } as PipelineChange], seen, this.author())
    this.take([event!])
    return event!
  }

  decide(...commands: readonly Command[]): Decision {
    return decide(commands, this.state, this.author())
  }

  /** Decides, and applies what came of it. @throws when the commands are rejected */
  run(...commands: readonly Command[]): readonly PipelineEvent[] {
    const decision = this.decide(...commands)
    if (!decision.ok) throw new Error(`${decision.rejection.code}: ${decision.rejection.message}`)
    this.take(decision.events)
    return decision.events
  }

  /** Hears everything that others have applied. */
  hear(...others: readonly Peer[]): this {
    const fresh = others
      .flatMap((other) => other.seen)
      .filter((event) => !this.seen.some(({ id }) => id === event.id))
    const unique = [...new Map(fresh.map((event) => [event.id, event])).values()]
    const waiting = deliver(this.state, unique)
    if (waiting.length > 0) throw new Error('a story told in an order that causality forbids')
    this.seen.push(...unique)
    return this
  }

  take(events: readonly PipelineEvent[]): void {
    for (const event of events) evolve(this.state, event)
    this.seen.push(...events)
  }

  /** Creates the pipeline with some steps, named as given, each with a config `timeout` of 30. */
  begin(...steps: readonly string[]): this {
    this.act('PipelineCreated', { name: 'Orders', teamId: TEAM })
    for (const name of steps) this.addStep(name)
    return this
  }

  addStep(name: string): PipelineEvent {
    const [placement, config] = [{ x: 0, y: 0 }, { timeout: 30 }]
    return this.act('StepAdded', { stepId: stepId(name), kind: 'http', name, placement, config })
  }

  connect(from: string, to: string, port = 'in0'): PipelineEvent {
    return this.act('StepsConnected', endsOf(from, to, port))
  }

  disconnect(from: string, to: string, port = 'in0'): PipelineEvent {
    return this.act('StepsDisconnected', endsOf(from, to, port))
  }

  setTimeout(step: string, value: number): PipelineEvent {
    return this.act('StepConfigured', { stepId: stepId(step), key: 'timeout', value })
  }
}

export function endsOf(from: string, to: string, port = 'in0') {
  return {
    from: { stepId: stepId(from), port: 'out0' },
    to: { stepId: stepId(to), port },
  }
}

/** A state of the same events, folded afresh. */
export const folded = (events: readonly PipelineEvent[]) =>
  evolveAll(initialState(PIPELINE), events)
