/** A process that runs the seeds it is told to, one after the other, and tells what came of each. */
import { run, type RunResult } from './run.ts'
import { scriptOf, type Action } from './script.ts'
import { shrink } from './shrink.ts'
import type { Counts, Happening } from './witness.ts'

export interface Task {
  readonly seed: number
  /** Indices of the script's actions to play; all without it. */
  readonly only?: readonly number[]
  /** How long a failing script may be cut down, in ms; 0 for not at all. */
  readonly shrinkMs: number
}

export interface Outcome {
  readonly seed: number
  readonly counts: Counts
  /** How often each thing happened that a run is about. */
  readonly happened: readonly (readonly [Happening, number])[]
  readonly failure: {
    readonly message: string
    readonly of: number
    readonly kept: readonly number[]
    readonly actions: readonly Action[]
  } | null
}

async function perform({ seed, only, shrinkMs }: Task): Promise<Outcome> {
  const script = scriptOf(seed)
  const all = script.map((_, index) => index)
  const play = (kept: readonly number[]) =>
    run({ seed, script: kept.map((index) => script[index]!) })
  const { counts, happened: times, failure } = await play(only ?? all)
  const happened = [...times]
  if (!failure) return { seed, counts, happened, failure: null }
  const isTheSame = ({ failure: other }: RunResult) => other && kindOf(other) === kindOf(failure)
  const fails = async (kept: readonly number[]) => Boolean(isTheSame(await play(kept)))
  const kept = await shrink(only ?? all, fails, shrinkMs)
  const actions = kept.map((index) => script[index]!)
  const message = failure.stack ?? failure.message
  return { seed, counts, happened, failure: { message, of: script.length, kept, actions } }
}

/** What went wrong, without where: cutting down must not end at another failure. */
const kindOf = ({ message }: Error): string =>
  message.split('\n')[0]!.replace(/[0-9a-f-]*\d[0-9a-f-]*/g, '#')

process.on('message', (task: Task) => {
  void perform(task).then((outcome) => process.send!(outcome))
})
