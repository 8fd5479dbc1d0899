/** Loro: a map of steps, each a map of its fields, and a map of edges with plain values. */
import { LoroDoc, LoroMap, type Frontiers, type Value, type VersionVector } from 'loro-crdt'
import type { Contestant, Copy, Prepared } from './contestant.ts'
import { exchange, inBatches, type Author } from './exchange.ts'
import { bytesOf, wireBytesOf } from './sizes.ts'
import { setsOf } from './trace-sets.ts'
import type { Trace, TraceEdge, TraceEdit, TraceStep } from './trace.ts'

type Step = LoroMap<Record<string, Value>>
type Edge = Omit<TraceEdge, 'id'>

const stepsOf = (doc: LoroDoc) => doc.getMap('steps') as LoroMap<Record<string, Step>>
const edgesOf = (doc: LoroDoc) => doc.getMap('edges') as LoroMap<Record<string, Value>>

export const loro: Contestant = {
  prepare,
  stepId: (traceId) => traceId,
  start(start) {
    const doc = new LoroDoc()
    doc.import(start as Uint8Array)
    return copyOf(doc)
  },
  open: (stored) => copyOf(LoroDoc.fromSnapshot(stored as Uint8Array)),
  past({ history }) {
    const doc = LoroDoc.fromSnapshot(history as Uint8Array)
    return (moment) => {
      doc.checkout(moment as Frontiers)
      return copyOf(doc)
    }
  },
}

function copyOf(doc: LoroDoc): Copy {
  return {
    receive: (message) => void doc.import(message as Uint8Array),
    receiveBatch: (messages) => void doc.importBatch(messages as Uint8Array[]),
    settle: () => undefined,
    read: () => doc.toJSON() as unknown,
    reached: () =>
      setsOf(
        stepsOf(doc).keys(),
        Object.entries(edgesOf(doc).toJSON() as Record<string, Edge>).map(([id, edge]) => ({
          id,
          ...edge,
        })),
      ),
  }
}

function prepare(trace: Trace): Prepared {
  const start = startOf(trace)
  const pushes: Uint8Array[] = []
  const { witness, messages, late, moments } = exchange(
    trace,
    (r) => new LoroAuthor(r, start, (push) => pushes.push(push)),
    ({ doc }) => doc.frontiers(),
  )
  const updates = messages as Uint8Array[]
  const stored = witness.doc.export({ mode: 'snapshot' })
  return {
    start,
    messages,
    batches: inBatches(updates),
    late,
    stored,
    storedStart: storedStartOf(start),
    history: stored,
    moments,
    bytes: {
      archives: {
        snapshot: bytesOf(stored),
        update: bytesOf(witness.doc.export({ mode: 'update' })),
      },
      wire: { 'one update of a round': wireBytesOf(pushes, trace.ops.length) },
    },
  }
}

function startOf({ initial, replicas }: Trace): Uint8Array {
  const doc = new LoroDoc()
  // Above those of all replicas, the late one included.
  doc.setPeerId(replicas + 2)
  for (const step of Object.values(initial.steps)) addStep(doc, step)
  for (const edge of Object.values(initial.edges)) addEdge(doc, edge)
  return doc.export({ mode: 'update' })
}

function storedStartOf(start: Uint8Array): Uint8Array {
  const doc = new LoroDoc()
  doc.import(start)
  return doc.export({ mode: 'snapshot' })
}

class LoroAuthor implements Author {
  readonly doc = new LoroDoc()
  readonly #sendPush: (push: Uint8Array) => void
  #sent: VersionVector | null = null

  constructor(r: number, start: Uint8Array, sendPush: (push: Uint8Array) => void) {
    this.#sendPush = sendPush
    this.doc.setPeerId(r + 1)
    this.doc.import(start)
  }

  edit(edit: TraceEdit): Uint8Array {
    const from = this.doc.version()
    this.#sent ??= from
    make(this.doc, edit)
    this.doc.commit()
    return this.doc.export({ mode: 'update', from })
  }

  /** Own edits since the last exchange go out as one update, Loro's smallest form of many. */
  receive(updates: readonly Uint8Array[]): void {
    if (this.#sent) this.#sendPush(this.doc.export({ mode: 'update', from: this.#sent }))
    this.#sent = null
    this.doc.importBatch([...updates])
  }
}

function make(doc: LoroDoc, edit: TraceEdit): void {
  switch (edit.type) {
    case 'moveStep': {
      const step = stepsOf(doc).get(edit.stepId)!
      step.set('x', edit.x)
      step.set('y', edit.y)
      return
    }
    case 'setConfig':
      return stepsOf(doc)
        .get(edit.stepId)!
        .set(`config.${edit.key}`, edit.value as Value)
    case 'addStep':
      return addStep(doc, edit.step)
    case 'deleteStep':
      stepsOf(doc).delete(edit.stepId)
      return edit.cascade.forEach((id) => edgesOf(doc).delete(id))
    case 'addEdge':
      return addEdge(doc, edit.edge)
    case 'deleteEdge':
      return edgesOf(doc).delete(edit.edgeId)
  }
}

function addStep(doc: LoroDoc, { id, config, ...fields }: TraceStep): void {
  const step = stepsOf(doc).setContainer(id, new LoroMap()) as Step
  for (const [field, value] of Object.entries(fields)) step.set(field, value)
  for (const [key, value] of Object.entries(config)) step.set(`config.${key}`, value as Value)
}

function addEdge(doc: LoroDoc, { id, from, to }: TraceEdge): void {
  edgesOf(doc).set(id, { from, to })
}
