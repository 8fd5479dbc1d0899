/** Automerge: nested plain objects, and texts as values that are replaced whole. */
import * as A from '@automerge/automerge'
import type { JsonValue } from '../../../domain/json.ts'
import type { Contestant, Copy, Prepared } from './contestant.ts'
import { exchange, inBatches, inPushes, type Author } from './exchange.ts'
import { bytesOf, wireBytesOf } from './sizes.ts'
import { setsOf } from './trace-sets.ts'
import type { Trace, TraceEdge, TraceEdit, TraceStep } from './trace.ts'

type Value = JsonValue | A.ImmutableString

interface Pipeline {
  [key: string]: unknown
  steps: Record<string, Record<string, Value>>
  edges: Record<string, { from: A.ImmutableString; to: A.ImmutableString }>
}

export const automerge: Contestant = {
  prepare,
  stepId: (traceId) => traceId,
  start: (start) => new AutomergeCopy(A.load(start as Uint8Array)),
  open: (stored) => new AutomergeCopy(A.load(stored as Uint8Array)),
  past({ history }) {
    const doc = A.load<Pipeline>(history as Uint8Array)
    return (moment) => new AutomergeCopy(A.view(doc, moment as A.Heads))
  },
}

class AutomergeCopy implements Copy {
  #doc: A.Doc<Pipeline>

  constructor(doc: A.Doc<Pipeline>) {
    this.#doc = doc
  }

  receive(change: Uint8Array): void {
    ;[this.#doc] = A.applyChanges(this.#doc, [change])
  }

  receiveBatch(changes: readonly Uint8Array[]): void {
    ;[this.#doc] = A.applyChanges(this.#doc, [...changes])
  }

  settle(): void {}

  read(): unknown {
    return A.toJS(this.#doc)
  }

  reached() {
    const { steps, edges } = this.#doc
    return setsOf(
      Object.keys(steps),
      Object.entries(edges).map(([id, { from, to }]) => ({
        id,
        from: String(from),
        to: String(to),
      })),
    )
  }
}

function prepare(trace: Trace): Prepared {
  const start = startOf(trace)
  const { witness, messages, late, moments } = exchange(
    trace,
    (r) => new AutomergeAuthor(r, start),
    ({ doc }) => A.getHeads(doc),
  )
  const changes = messages as Uint8Array[]
  const stored = A.save(witness.doc)
  const pushes = inPushes(trace.ops, changes).map((push) => Buffer.concat(push))
  return {
    start,
    messages,
    batches: inBatches(changes),
    late,
    stored,
    storedStart: start,
    history: stored,
    moments,
    bytes: {
      archives: { save: bytesOf(stored) },
      wire: { changes: wireBytesOf(pushes, trace.ops.length) },
    },
  }
}

/** Short ids, as everybody's; the first that is not a replica's is the founder's. */
const actorOf = (r: number) => (r + 1).toString(16).padStart(2, '0')

function startOf({ initial, replicas }: Trace): Uint8Array {
  const empty = A.init<Pipeline>({ actor: actorOf(replicas + 1) })
  const doc = A.change(empty, { time: 0 }, (draft) => {
    draft.steps = {}
    draft.edges = {}
    for (const step of Object.values(initial.steps)) addStep(draft, step)
    for (const edge of Object.values(initial.edges)) addEdge(draft, edge)
  })
  return A.save(doc)
}

class AutomergeAuthor implements Author {
  doc: A.Doc<Pipeline>

  constructor(r: number, start: Uint8Array) {
    this.doc = A.load<Pipeline>(start, { actor: actorOf(r) })
  }

  edit(edit: TraceEdit): Uint8Array {
    const before = this.doc
    this.doc = A.change(before, { time: 0 }, (draft) => make(draft, edit))
    // An edit that changes nothing makes no change, and then there is nothing to send.
    if (this.doc === before) this.doc = A.emptyChange(before, { time: 0 })
    return A.getLastLocalChange(this.doc)!
  }

  receive(changes: readonly Uint8Array[]): void {
    ;[this.doc] = A.applyChanges(this.doc, [...changes])
  }
}

/** Text that is replaced as a whole: by itself Automerge would merge it letter by letter. */
const valueOf = (value: JsonValue): Value =>
  typeof value === 'string' ? new A.ImmutableString(value) : value

function make(draft: Pipeline, edit: TraceEdit): void {
  switch (edit.type) {
    case 'moveStep': {
      const step = draft.steps[edit.stepId]!
      step['x'] = edit.x
      step['y'] = edit.y
      return
    }
    case 'setConfig':
      draft.steps[edit.stepId]![`config.${edit.key}`] = valueOf(edit.value)
      return
    case 'addStep':
      return addStep(draft, edit.step)
    case 'deleteStep':
      Reflect.deleteProperty(draft.steps, edit.stepId)
      for (const id of edit.cascade) Reflect.deleteProperty(draft.edges, id)
      return
    case 'addEdge':
      return addEdge(draft, edit.edge)
    case 'deleteEdge':
      Reflect.deleteProperty(draft.edges, edit.edgeId)
  }
}

function addStep(draft: Pipeline, { id, config, ...fields }: TraceStep): void {
  draft.steps[id] = Object.fromEntries([
    ...Object.entries(fields).map(([field, value]) => [field, valueOf(value)]),
    ...Object.entries(config).map(([key, value]) => [`config.${key}`, valueOf(value)]),
  ]) as Record<string, Value>
}

function addEdge(draft: Pipeline, { id, from, to }: TraceEdge): void {
  draft.edges[id] = { from: new A.ImmutableString(from), to: new A.ImmutableString(to) }
}
