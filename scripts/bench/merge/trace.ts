/**
 * A recorded trace of edits by several replicas, and the same edits as our events.
 *
 * Format `pipeline-trace/1`: steps and edges that everybody starts with, then operations in an order
 * of delivery that respects causality. An edge's id becomes the port at both of its ends, for two
 * steps may have several edges; removing a step disconnects the edges that its author knew of.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { hlcOf } from '../../../domain/clock/hlc.ts'
import type { VersionVector } from '../../../domain/clock/version-vector.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { PipelineChange } from '../../../domain/events/pipeline-events.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  StepId,
  TeamId,
} from '../../../domain/ids.ts'
import type { JsonValue } from '../../../domain/json.ts'

export interface TraceStep {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly x: number
  readonly y: number
  readonly config: Readonly<Record<string, JsonValue>>
}

export interface TraceEdge {
  readonly id: string
  readonly from: string
  readonly to: string
}

export type TraceEdit =
  | { readonly type: 'moveStep'; readonly stepId: string; readonly x: number; readonly y: number }
  | {
      readonly type: 'setConfig'
      readonly stepId: string
      readonly key: string
      readonly value: JsonValue
    }
  | { readonly type: 'addStep'; readonly step: TraceStep }
  | { readonly type: 'deleteStep'; readonly stepId: string; readonly cascade: readonly string[] }
  | { readonly type: 'addEdge'; readonly edge: TraceEdge }
  | { readonly type: 'deleteEdge'; readonly edgeId: string }

/** One edit by replica `r`, its `seq`-th, in an exchange `round`. */
export type TraceOp = TraceEdit & {
  readonly i: number
  readonly round: number
  readonly r: number
  readonly seq: number
  /** What its author had seen, this edit included: a count for each replica. */
  readonly vc: readonly number[]
  /** Milliseconds since 1970 by its author's clock, and a counter. */
  readonly hlc: readonly [ms: number, counter: number]
}

export interface Trace {
  readonly replicas: number
  readonly initial: {
    readonly steps: Readonly<Record<string, TraceStep>>
    readonly edges: Readonly<Record<string, TraceEdge>>
  }
  readonly ops: readonly TraceOp[]
  readonly expected: { readonly stepIds: readonly string[]; readonly edgeIds: readonly string[] }
}

export function readTrace(path: string): Trace {
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Trace
}

/** A uuid that is the same for the same words: version 7 in form, and as random as any. */
function uuidOf(...words: readonly unknown[]): string {
  const hex = createHash('md5').update(words.join(' ')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** How ids are written: those of a product, or as short as the trace's own. */
interface Naming {
  readonly pipelineId: PipelineId
  readonly stepId: (id: string) => StepId
  readonly replicaId: (r: number) => ReplicaId
  readonly actorId: (r: number) => ActorId
}

export const PIPELINE = uuidOf('pipeline') as PipelineId
export const traceStepId = (id: string) => uuidOf('step', id) as StepId

const FULL: Naming = {
  pipelineId: PIPELINE,
  stepId: traceStepId,
  replicaId: (r) => uuidOf('replica', r).replaceAll('-', '').slice(0, 12) as ReplicaId,
  actorId: (r) => uuidOf('actor', r) as ActorId,
}

/** Ids as short as the other libraries get them: a figure about bytes is else one about ids. */
export const SHORT: Naming = {
  pipelineId: 'p' as PipelineId,
  stepId: (id) => id as StepId,
  replicaId: (r) => `r${r}` as ReplicaId,
  actorId: (r) => `a${r}` as ActorId,
}

/** The replica that makes what everybody starts with. */
const FOUNDER = -1

export interface TraceEvents {
  /** What everybody starts with. */
  readonly initial: readonly PipelineEvent[]
  /** The events of each operation, in the order of the operations. */
  readonly byOp: readonly (readonly PipelineEvent[])[]
}

/** The trace's edits as events of one pipeline. */
export function eventsOf(trace: Trace, naming: Naming = FULL): TraceEvents {
  const edges = new Map<string, TraceEdge>(Object.entries(trace.initial.edges))
  const initialChanges: PipelineChange[] = [
    { type: 'PipelineCreated', payload: { name: 'Trace', teamId: uuidOf('team') as TeamId } },
    ...Object.values(trace.initial.steps).map((step) => stepAdded(step, naming)),
    ...Object.values(trace.initial.edges).map((edge) => connected(edge, naming)),
  ]
  const startMs = Math.min(...trace.ops.map(({ hlc }) => hlc[0])) - 1
  const initial = initialChanges.map((change, index) =>
    event(naming, change, FOUNDER, index + 1, {}, [startMs, index], 'start'),
  )
  /** Events that the first operations of a replica have become: a removal becomes several. */
  const eventsUpTo = Array.from({ length: trace.replicas }, () => [0])
  const byOp = trace.ops.map((op) => {
    const counts = eventsUpTo[op.r]!
    const changes = changesOf(op, edges, naming)
    const seen = Object.fromEntries([
      [naming.replicaId(FOUNDER), initial.length],
      ...op.vc.flatMap((count, r) =>
        count > 0 && r !== op.r ? [[naming.replicaId(r), eventsUpTo[r]![count]!] as const] : [],
      ),
    ]) as VersionVector
    const first = counts.at(-1)! + 1
    counts.push(counts.at(-1)! + changes.length)
    // The counter leaves room for the events of one operation, and keeps the order of all.
    return changes.map((change, k) =>
      event(naming, change, op.r, first + k, seen, [op.hlc[0], op.hlc[1] * 64 + k], `op ${op.i}`),
    )
  })
  return { initial, byOp }
}

function event(
  naming: Naming,
  { type, payload }: PipelineChange,
  r: number,
  seq: number,
  seen: VersionVector,
  [ms, counter]: readonly [number, number],
  gesture: string,
): PipelineEvent {
  const replicaId = naming.replicaId(r)
  return {
    id: uuidOf('event', r, seq) as EventId,
    type,
    schema: 1,
    pipelineId: naming.pipelineId,
    replicaId,
    seq,
    clock: { ...seen, [replicaId]: seq },
    hlc: hlcOf(ms, counter),
    actorId: naming.actorId(r),
    intentId: uuidOf('intent', gesture) as IntentId,
    payload,
  }
}

function changesOf(op: TraceEdit, edges: Map<string, TraceEdge>, naming: Naming): PipelineChange[] {
  const { stepId } = naming
  switch (op.type) {
    case 'moveStep': {
      const placement = { x: op.x, y: op.y }
      return [{ type: 'StepMoved', payload: { stepId: stepId(op.stepId), placement } }]
    }
    case 'setConfig': {
      const { key, value } = op
      return [{ type: 'StepConfigured', payload: { stepId: stepId(op.stepId), key, value } }]
    }
    case 'addStep':
      return [stepAdded(op.step, naming)]
    case 'deleteStep':
      return [
        ...op.cascade.map((id) => disconnected(edges.get(id)!, naming)),
        { type: 'StepRemoved', payload: { stepId: stepId(op.stepId) } },
      ]
    case 'addEdge':
      edges.set(op.edge.id, op.edge)
      return [connected(op.edge, naming)]
    case 'deleteEdge':
      return [disconnected(edges.get(op.edgeId)!, naming)]
  }
}

const stepAdded = (
  { id, name, type, x, y, config }: TraceStep,
  { stepId }: Naming,
): PipelineChange => ({
  type: 'StepAdded',
  payload: { stepId: stepId(id), kind: type, name, placement: { x, y }, config },
})

const endsOf = ({ id, from, to }: TraceEdge, { stepId }: Naming) => ({
  from: { stepId: stepId(from), port: id },
  to: { stepId: stepId(to), port: id },
})

const connected = (edge: TraceEdge, naming: Naming): PipelineChange => ({
  type: 'StepsConnected',
  payload: endsOf(edge, naming),
})
const disconnected = (edge: TraceEdge, naming: Naming): PipelineChange => ({
  type: 'StepsDisconnected',
  payload: endsOf(edge, naming),
})
