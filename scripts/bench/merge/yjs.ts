/**
 * Yjs: a map of steps, each a map of its fields, and a map of edges with plain values. Without its
 * garbage collection it keeps what was overwritten and removed, and can then show past states.
 */
import * as Y from 'yjs'
import type { Contestant, Copy, Prepared } from './contestant.ts'
import { exchange, inBatches, inPushes, type Author } from './exchange.ts'
import { bytesOf, wireBytesOf } from './sizes.ts'
import { setsOf } from './trace-sets.ts'
import type { Trace, TraceEdge, TraceEdit, TraceStep } from './trace.ts'

type Step = Y.Map<unknown>
type Edge = Omit<TraceEdge, 'id'>

const stepsOf = (doc: Y.Doc) => doc.getMap<Step>('steps')
const edgesOf = (doc: Y.Doc) => doc.getMap<Edge>('edges')

/** @param gc whether what is overwritten is forgotten, as it is unless asked otherwise */
export function yjs(gc: boolean): Contestant {
  return {
    prepare: (trace) => prepare(trace, gc),
    stepId: (traceId) => traceId,
    start: (start) => copyOf(docOf(start as Uint8Array, gc)),
    open: (stored) => {
      const doc = new Y.Doc({ gc })
      Y.applyUpdateV2(doc, stored as Uint8Array)
      return copyOf(doc)
    },
    past({ history }) {
      if (gc) return null
      const doc = new Y.Doc({ gc })
      Y.applyUpdateV2(doc, history as Uint8Array)
      return (moment) =>
        copyOf(Y.createDocFromSnapshot(doc, Y.decodeSnapshot(moment as Uint8Array)))
    },
  }
}

function docOf(update: Uint8Array, gc: boolean): Y.Doc {
  const doc = new Y.Doc({ gc })
  Y.applyUpdate(doc, update)
  return doc
}

function copyOf(doc: Y.Doc): Copy {
  return {
    receive: (message) => Y.applyUpdate(doc, message as Uint8Array),
    // Faster than to merge the updates first, which takes longer than it saves.
    receiveBatch: (updates) =>
      doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update as Uint8Array))),
    settle: () => undefined,
    read: () => ({ steps: stepsOf(doc).toJSON(), edges: edgesOf(doc).toJSON() }),
    reached: () =>
      setsOf(
        stepsOf(doc).keys(),
        [...edgesOf(doc).entries()].map(([id, edge]) => ({ id, ...edge })),
      ),
  }
}

function prepare(trace: Trace, gc: boolean): Prepared {
  const start = startOf(trace)
  const { witness, messages, late, moments } = exchange(
    trace,
    (r) => new YjsAuthor(r, start),
    ({ doc }) => Y.encodeSnapshot(Y.snapshot(doc)),
  )
  const updates = messages as Uint8Array[]
  const kept = gc ? docOf(Y.encodeStateAsUpdate(witness.doc), gc) : witness.doc
  const stored = Y.encodeStateAsUpdateV2(kept)
  const pushes = inPushes(trace.ops, updates).map((push) => Y.mergeUpdates(push))
  return {
    start,
    messages,
    batches: inBatches(updates),
    late,
    stored,
    storedStart: Y.encodeStateAsUpdateV2(docOf(start, gc)),
    history: gc ? null : stored,
    moments: gc ? [] : moments,
    bytes: {
      archives: gc
        ? { 'merged updates': bytesOf(Y.mergeUpdates([start, ...updates])) }
        : {
            'state as update V1': bytesOf(Y.encodeStateAsUpdate(kept)),
            'state as update V2': bytesOf(stored),
          },
      wire: {
        'merged update V1': wireBytesOf(pushes, trace.ops.length),
        'merged update V2': wireBytesOf(
          pushes.map((push) => Y.convertUpdateFormatV1ToV2(push)),
          trace.ops.length,
        ),
      },
    },
  }
}

function startOf({ initial, replicas }: Trace): Uint8Array {
  const doc = new Y.Doc()
  // Above those of all replicas, the late one included.
  doc.clientID = replicas + 2
  doc.transact(() => {
    for (const step of Object.values(initial.steps)) addStep(doc, step)
    for (const edge of Object.values(initial.edges)) addEdge(doc, edge)
  })
  return Y.encodeStateAsUpdate(doc)
}

const REMOTE = 'remote'
/** What stands for an edit that changed nothing, as the second of two equal removals. */
const NOTHING = Y.encodeStateAsUpdate(new Y.Doc())

class YjsAuthor implements Author {
  // What is sent is the same with garbage collection, which would only take longer here.
  readonly doc = new Y.Doc({ gc: false })
  #made: Uint8Array = NOTHING

  constructor(r: number, start: Uint8Array) {
    // A short id, as everybody's: a random one would take four bytes more wherever it stands.
    this.doc.clientID = r + 1
    Y.applyUpdate(this.doc, start, REMOTE)
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== REMOTE) this.#made = update
    })
  }

  edit(edit: TraceEdit): Uint8Array {
    this.#made = NOTHING
    this.doc.transact(() => make(this.doc, edit))
    return this.#made
  }

  receive(updates: readonly Uint8Array[]): void {
    const receiveAll = () => updates.forEach((update) => Y.applyUpdate(this.doc, update, REMOTE))
    this.doc.transact(receiveAll, REMOTE)
  }
}

function make(doc: Y.Doc, edit: TraceEdit): void {
  switch (edit.type) {
    case 'moveStep': {
      const step = stepsOf(doc).get(edit.stepId)!
      step.set('x', edit.x)
      step.set('y', edit.y)
      return
    }
    case 'setConfig':
      return void stepsOf(doc).get(edit.stepId)!.set(`config.${edit.key}`, edit.value)
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

function addStep(doc: Y.Doc, { id, config, ...fields }: TraceStep): void {
  const step: Step = new Y.Map()
  for (const [field, value] of Object.entries(fields)) step.set(field, value)
  for (const [key, value] of Object.entries(config)) step.set(`config.${key}`, value)
  stepsOf(doc).set(id, step)
}

function addEdge(doc: Y.Doc, { id, from, to }: TraceEdge): void {
  edgesOf(doc).set(id, { from, to })
}
