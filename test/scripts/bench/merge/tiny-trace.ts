import type { Trace, TraceEdit, TraceOp, TraceStep } from '../../../../scripts/bench/merge/trace.ts'

const step = (id: string, x: number): TraceStep => {
  return { id, name: `Step ${id}`, type: 'filter', x, y: 10, config: { retries: 3, image: 'py:1' } }
}

/** Two replicas, two rounds, every kind of edit; the removal of `s_2` is concurrent to a move of it. */
export function tinyTrace(): Trace {
  const edits: [round: number, r: number, edit: TraceEdit][] = [
    [0, 0, { type: 'moveStep', stepId: 's_2', x: -5, y: 300 }],
    [0, 1, { type: 'deleteStep', stepId: 's_2', cascade: ['e_1'] }],
    [0, 0, { type: 'addStep', step: step('s_0_7', 70_000) }],
    [0, 1, { type: 'setConfig', stepId: 's_1', key: 'retries', value: 4 }],
    [0, 0, { type: 'addEdge', edge: { id: 'e_2', from: 's_2', to: 's_0_7' } }],
    [1, 1, { type: 'addEdge', edge: { id: 'e_3', from: 's_1', to: 's_0_7' } }],
    [1, 0, { type: 'addEdge', edge: { id: 'e_4', from: 's_0_7', to: 's_1' } }],
    [1, 1, { type: 'setConfig', stepId: 's_1', key: 'image', value: 'py:2' }],
    [1, 0, { type: 'setConfig', stepId: 's_1', key: 'image', value: 'go:1' }],
    [1, 1, { type: 'deleteEdge', edgeId: 'e_3' }],
  ]
  const vcs = [
    [0, 0],
    [0, 0],
  ]
  const made = [0, 0]
  let seenRound = 0
  const ops = edits.map(([round, r, edit], i): TraceOp => {
    if (round !== seenRound) vcs.forEach((vc) => vc.splice(0, 2, ...made))
    seenRound = round
    const vc = vcs[r]!
    vc[r] = ++made[r]!
    // The first replica's clock is behind.
    const hlc = [1_760_000_000_000 + 700 * i - 90_000 * (1 - r), i % 3] as const
    return { ...edit, i, round, r, seq: vc[r], vc: [...vc], hlc }
  })
  return {
    replicas: 2,
    initial: {
      steps: { s_1: step('s_1', 1), s_2: step('s_2', 2), s_3: step('s_3', 3) },
      edges: { e_1: { id: 'e_1', from: 's_1', to: 's_2' } },
    },
    ops,
    expected: { stepIds: ['s_0_7', 's_1', 's_3'], edgeIds: ['e_4'] },
  }
}
