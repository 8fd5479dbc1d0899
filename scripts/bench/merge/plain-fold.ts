/**
 * The limit of a merge: parse every event, keep the last write of each field by time, forget what
 * is removed. No conflicts, no graph rules, no checks; not a merge that anybody should use.
 */
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type {
  ConnectionEnds,
  PipelineChange,
  PipelineEventPayload,
} from '../../../domain/events/pipeline-events.ts'
import type { Contestant, Message } from './contestant.ts'
import { eventMessages } from './event-messages.ts'
import { setsOf } from './trace-sets.ts'
import { traceStepId } from './trace.ts'

type Fields = Map<string, { readonly hlc: string; readonly value: unknown }>

export class PlainFold {
  readonly steps = new Map<string, Fields>()
  readonly edges = new Map<string, ConnectionEnds>()
  readonly #removed = new Set<string>()

  apply(event: PipelineEvent): void {
    const { hlc } = event
    const change = event as unknown as PipelineChange
    switch (change.type) {
      case 'StepAdded':
        return this.#add(change.payload, hlc)
      case 'StepMoved':
        return this.#write(change.payload.stepId, 'placement', hlc, change.payload.placement)
      case 'StepConfigured':
        return this.#write(change.payload.stepId, change.payload.key, hlc, change.payload.value)
      case 'StepRemoved':
        this.#removed.add(change.payload.stepId)
        return void this.steps.delete(change.payload.stepId)
      case 'StepsConnected':
        return void this.edges.set(change.payload.from.port, change.payload)
      case 'StepsDisconnected':
        return void this.edges.delete(change.payload.from.port)
      default:
      // Nothing else is in a trace.
    }
  }

  #add(step: PipelineEventPayload<'StepAdded'>, hlc: string): void {
    const { stepId, kind, name, placement, config } = step
    if (this.#removed.has(stepId)) return
    const written = { kind, name, placement, ...config }
    const fields = Object.entries(written).map(([field, value]) => [field, { hlc, value }] as const)
    this.steps.set(stepId, new Map(fields))
  }

  #write(stepId: string, field: string, hlc: string, value: unknown): void {
    const fields = this.steps.get(stepId)
    const before = fields?.get(field)
    if (fields && (!before || before.hlc < hlc)) fields.set(field, { hlc, value })
  }
}

/** The fold as a contestant: it opens nothing and keeps no history, for it is only the limit. */
export const plainFold: Contestant = {
  prepare: (trace) => ({
    ...eventMessages(trace),
    stored: '',
    storedStart: '',
    history: null,
    moments: [],
    bytes: { archives: {}, wire: {} },
  }),
  stepId: traceStepId,
  start(start) {
    const fold = new PlainFold()
    const receive = (message: Message) => {
      for (const event of JSON.parse(message as string) as PipelineEvent[]) fold.apply(event)
    }
    receive(start)
    return {
      receive,
      receiveBatch: ([batch]) => receive(batch!),
      settle: () => undefined,
      read: () => fold,
      reached: () => setsOf(fold.steps.keys(), edgesOf(fold)),
    }
  },
  open: null,
  past: () => null,
}

function edgesOf({ edges }: PlainFold) {
  return [...edges].map(([id, { from, to }]) => ({ id, from: from.stepId, to: to.stepId }))
}
