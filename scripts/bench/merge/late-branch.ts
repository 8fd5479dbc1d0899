/**
 * A device that was away: it saw the first part of a trace, made edits of its own from there, and
 * brings them when everybody else is at the end.
 */
import type { Trace, TraceEdit, TraceOp } from './trace.ts'
import { setsAfter } from './trace-sets.ts'

/**
 * The trace with one more replica, whose operations come last and have seen `base` operations.
 * Mostly moves, as in the trace; every tenth edit draws an edge, which may close a cycle by now.
 */
export function withLateBranch(trace: Trace, base: number, edits: number): Trace {
  const { stepIds } = setsAfter(trace, base)
  const r = trace.replicas
  const before = trace.ops.slice(0, base)
  const seen = Array.from({ length: r }, (_, other) => before.filter((op) => op.r === other).length)
  const ms = before.reduce((latest, { hlc }) => Math.max(latest, hlc[0]), 0)
  const late = Array.from({ length: edits }, (_, k): TraceOp => {
    // A stride that has no factor in common with most counts: it comes to each step in turn.
    const pick = (offset: number) => stepIds[(k * 37 + offset) % stepIds.length]!
    return {
      ...lateEdit(k, pick),
      i: trace.ops.length + k,
      round: -1,
      r,
      seq: k + 1,
      vc: [...seen, k + 1],
      hlc: [ms + 1 + k, 0],
    }
  })
  return { ...trace, replicas: r + 1, ops: [...trace.ops, ...late] }
}

function lateEdit(k: number, pick: (offset: number) => string): TraceEdit {
  if (k % 10 === 9)
    return { type: 'addEdge', edge: { id: `late_${k}`, from: pick(0), to: pick(11) } }
  if (k % 10 < 3) {
    return { type: 'setConfig', stepId: pick(0), key: 'command', value: `late --job ${k}` }
  }
  return { type: 'moveStep', stepId: pick(0), x: 10 * k, y: 4_000 - 10 * k }
}
