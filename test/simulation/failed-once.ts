/**
 * Seeds that failed once, and what each of them found. A seed alone is enough for as long as its
 * script comes out as it did then; where scripts have changed since, the one that failed is kept.
 */
import type { StepId } from '../../domain/ids.ts'
import type { Command } from '../../domain/pipeline/commands.ts'
import { namedUuid } from '../support/events.ts'
import type { Action } from './script.ts'

export interface FailedOnce {
  readonly seed: number
  readonly found: string
  readonly script?: readonly Action[]
}

const step = (n: number) => namedUuid('step', n) as StepId

function edit(atMs: number, device: number, pipeline: number, command: Command): Action {
  return { do: 'edit', atMs, device, pipeline, commands: [command] }
}

function connect(atMs: number, device: number, pipeline: number, from: number, to: number): Action {
  const ends = { from: { stepId: step(from), port: 'out0' }, to: { stepId: step(to), port: 'in0' } }
  return edit(atMs, device, pipeline, { type: 'Connect', ...ends })
}

export const failedOnce: readonly FailedOnce[] = [
  { seed: 4, found: 'a device that had nothing to do read its store without a pause' },
  {
    seed: 159,
    found:
      'a copy took numbers of an id that its original had left, where a restored server had lost them',
  },
  {
    seed: 578,
    found: 'a tab whose new pipeline another tab had uploaded, and died, never asked for it',
  },
  {
    seed: 1656,
    found: 'a copy that was let go of while it was opened again waited for events for ever',
  },
  {
    seed: 4850,
    found: 'what one tab was sent late of an old history went on in the new one of another tab',
  },
  {
    seed: 2227,
    found:
      'a copied device took the number of an edit that a restored server had lost: it was gone',
    script: [
      { do: 'clone', atMs: 3505, device: 0 },
      { do: 'offline', atMs: 6393, device: 0, forMs: 23488 },
      edit(10084, 2, 0, { type: 'RenameStep', stepId: step(1), name: 'B' }),
      { do: 'slow', atMs: 14209, device: 4, forMs: 24302 },
      edit(18877, 3, 0, { type: 'ConfigureStep', stepId: step(1), key: 'k1', value: 3 }),
      edit(18970, 2, 0, { type: 'ConfigureStep', stepId: step(0), key: 'k0', value: 1 }),
      { do: 'backup', atMs: 21540 },
      { do: 'kill', atMs: 22006, device: 0 },
      connect(26510, 4, 0, 2, 0),
      edit(27265, 2, 0, { type: 'ConfigureStep', stepId: step(0), key: 'k0', value: 0 }),
      edit(28185, 2, 1, { type: 'ConfigureStep', stepId: step(3), key: 'k0', value: 3 }),
      connect(28491, 2, 0, 1, 2),
      connect(28890, 4, 1, 2, 1),
      edit(31890, 3, 0, { type: 'ConfigureStep', stepId: step(0), key: 'k0', value: 104 }),
      edit(34358, 0, 1, { type: 'ConfigureStep', stepId: step(1), key: 'k1', value: 3 }),
      connect(36681, 4, 0, 0, 1),
      { do: 'restore', atMs: 48512 },
    ],
  },
  {
    seed: 2243,
    found: 'the same, of a device that was offline while its copy took the number',
    script: [
      { do: 'backup', atMs: 33280 },
      { do: 'clone', atMs: 48235, device: 4 },
      { do: 'offline', atMs: 60547, device: 0, forMs: 19916 },
      edit(62512, 4, 0, { type: 'ConfigureStep', stepId: step(1), key: 'k0', value: 2 }),
      edit(67625, 0, 0, { type: 'ConfigureStep', stepId: step(1), key: 'k1', value: 0 }),
      { do: 'restore', atMs: 71126 },
      connect(72597, 2, 0, 1, 1),
      { do: 'offline', atMs: 73931, device: 4, forMs: 9236 },
    ],
  },
  { seed: 3504, found: 'what a copy had sent under its own numbers left a gap that hid edits' },
  { seed: 400_072, found: 'a server took what it had tried for what the log held already' },
]
