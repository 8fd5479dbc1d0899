/**
 * The merge, with conflicts and graph rules, against a plain fold of the same bytes: how much of
 * the limit is left, for events that arrive one by one and for a state that is opened.
 */
import { existsSync } from 'node:fs'
import type { PipelineEvent } from '../../domain/events/event.ts'
import { conflictsOf } from '../../domain/pipeline/conflicts.ts'
import { evolve } from '../../domain/pipeline/evolve.ts'
import {
  restoreSnapshot,
  takeSnapshot,
  type StateSnapshot,
} from '../../domain/pipeline/snapshot.ts'
import { initialState, type PipelineState } from '../../domain/pipeline/state.ts'
import { viewOf } from '../../domain/pipeline/view.ts'
import { median } from './median.ts'
import { PlainFold } from './merge/plain-fold.ts'
import { eventsOf, PIPELINE, readTrace, traceStepId, type Trace } from './merge/trace.ts'

const ROUNDS = 5

export interface MergeBench {
  readonly operations: number
  /** Median operations per second of CPU: parsed and merged, one by one. */
  readonly merged: number
  /** Median operations per second of CPU by the plain fold. */
  readonly folded: number
  /** Median milliseconds from a snapshot's text to a state. */
  readonly openedMs: number
  /** Median milliseconds of JSON.parse alone of that text. */
  readonly parsedMs: number
  readonly snapshotBytes: number
  readonly conflicts: number
}

/** @param path of a trace of the format `pipeline-trace/1`, gzipped */
export function benchMerge(path: string): MergeBench {
  if (!existsSync(path)) {
    throw new Error(`There is no trace at ${path}. Name one: npm run bench -- merge --trace FILE`)
  }
  const trace = readTrace(path)
  const { initial, byOp } = eventsOf(trace)
  const start = JSON.stringify(initial)
  const messages = byOp.map((events) => JSON.stringify(events))

  const fold = () => {
    const plain = new PlainFold()
    for (const event of parsed(start)) plain.apply(event)
    return perSecond(messages, (event) => plain.apply(event))
  }
  let state: PipelineState = initialState(PIPELINE)
  const merge = () => {
    state = initialState(PIPELINE)
    for (const event of parsed(start)) evolve(state, event)
    return perSecond(messages, (event) => evolve(state, event))
  }
  // The first round of each is for the compiler.
  merge()
  fold()
  const rounds = Array.from({ length: ROUNDS }, () => ({ merged: merge(), folded: fold() }))
  expectReached(state, trace)

  const text = JSON.stringify(takeSnapshot(state))
  const opening = Array.from({ length: ROUNDS }, () => ({
    parsedMs: timed(() => JSON.parse(text)),
    openedMs: timed(() => restoreSnapshot(JSON.parse(text) as StateSnapshot)),
  }))
  return {
    operations: messages.length,
    merged: median(rounds.map(({ merged }) => merged)),
    folded: median(rounds.map(({ folded }) => folded)),
    openedMs: median(opening.map(({ openedMs }) => openedMs)),
    parsedMs: median(opening.map(({ parsedMs }) => parsedMs)),
    snapshotBytes: Buffer.byteLength(text),
    conflicts: conflictsOf(state).length,
  }
}

const parsed = (text: string) => JSON.parse(text) as PipelineEvent[]

function perSecond(messages: readonly string[], apply: (event: PipelineEvent) => unknown): number {
  const before = process.cpuUsage()
  for (const message of messages) for (const event of parsed(message)) apply(event)
  const { user, system } = process.cpuUsage(before)
  return (messages.length * 1e6) / (user + system)
}

function timed(work: () => unknown): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

/** A figure of a merge that went wrong would say nothing. */
function expectReached(state: PipelineState, { expected }: Trace): void {
  const { steps, connections } = viewOf(state)
  const stepIds = steps.map((step) => step.id).sort()
  const edges = connections
    .filter(({ status }) => status !== 'dangling')
    .map(({ from }) => from.port)
  const isReached =
    JSON.stringify(stepIds) === JSON.stringify(expected.stepIds.map(traceStepId).sort()) &&
    JSON.stringify(edges.sort()) === JSON.stringify([...expected.edgeIds].sort())
  if (!isReached)
    throw new Error('The merge did not reach the steps and edges that the trace expects.')
}
