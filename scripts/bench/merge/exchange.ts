/**
 * Lets a library's own replicas make the operations of a trace: each makes its own of a round, then
 * all exchange what they have made, as the trace was recorded. One operation is one transaction and
 * one message. One more replica leaves at a moment, and makes its edits alone.
 */
import { BATCH, LATE_BASE, LATE_EDITS, MOMENTS, PUSH, type Message } from './contestant.ts'
import { withLateBranch } from './late-branch.ts'
import type { Trace, TraceEdit, TraceOp } from './trace.ts'

/** A replica that makes edits. */
export interface Author {
  /** Makes one edit, and gives what it would send; an edit of nothing may give an empty message. */
  edit(edit: TraceEdit): Message
  receive(messages: readonly Message[]): void
}

export interface Exchange<A extends Author> {
  /** A replica that has everything, except the late edits. */
  readonly witness: A
  readonly messages: readonly Message[]
  readonly late: readonly Message[]
  /** What `nameOf` said of the witness at each of `MOMENTS`. */
  readonly moments: readonly unknown[]
}

/**
 * @param makeAuthor replica `r`, which knows what everybody starts with
 * @param nameOf how the library calls the state that a replica is in
 */
export function exchange<A extends Author>(
  trace: Trace,
  makeAuthor: (r: number) => A,
  nameOf: (witness: A) => unknown,
): Exchange<A> {
  const authors = Array.from({ length: trace.replicas }, (_, r) => makeAuthor(r))
  const away = makeAuthor(trace.replicas)
  const messages: Message[] = []
  const moments: unknown[] = []
  for (const round of roundsOf(trace.ops)) {
    const made = round.map((op) => ({ r: op.r, message: authors[op.r]!.edit(op) }))
    const isStillHere = messages.length < LATE_BASE
    authors.forEach((author, r) => author.receive(madeByOthers(made, r)))
    if (isStillHere) away.receive(made.map(({ message }) => message))
    for (const { message } of made) messages.push(message)
    if (MOMENTS.includes(messages.length)) moments.push(nameOf(authors[0]!))
  }
  const late = lateEditsOf(trace).map((op) => away.edit(op))
  return { witness: authors[0]!, messages, late, moments }
}

/** The edits of the replica that was away. */
export function lateEditsOf(trace: Trace): readonly TraceOp[] {
  return withLateBranch(trace, LATE_BASE, LATE_EDITS).ops.slice(trace.ops.length)
}

function madeByOthers(made: readonly { r: number; message: Message }[], r: number) {
  return made.filter((one) => one.r !== r).map(({ message }) => message)
}

function roundsOf(ops: readonly TraceOp[]): TraceOp[][] {
  const rounds: TraceOp[][] = []
  for (const op of ops) (rounds[op.round] ??= []).push(op)
  return rounds
}

/** Something for each operation, in the batches in which it is delivered. */
export function inBatches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / BATCH)
  return Array.from({ length: count }, (_, k) => items.slice(k * BATCH, (k + 1) * BATCH))
}

/** Something for each operation, in the pushes in which its author's device sends it. */
export function inPushes<T>(ops: readonly TraceOp[], items: readonly T[]): T[][] {
  const pushes: T[][] = []
  const open = new Map<number, T[]>()
  ops.forEach(({ r }, at) => {
    let push = open.get(r)
    if (!push || push.length === PUSH) {
      push = []
      open.set(r, push)
      pushes.push(push)
    }
    push.push(items[at]!)
  })
  return pushes
}
