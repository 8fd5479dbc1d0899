/** What one process of the bench is asked to do, and how it is asked. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Sizes } from './contestant.ts'
import type { ContestantName } from './contestants.ts'

export const MEASUREMENTS = ['one by one', 'batches', 'open', 'heap', 'parse', 'past'] as const
export type Measurement = (typeof MEASUREMENTS)[number]

export interface Job {
  readonly task: 'prepare' | Measurement
  readonly contestant: ContestantName
  /** The file of the trace. */
  readonly trace: string
  /** Where what is prepared is, or comes. */
  readonly folder: string
}

/** Figures by name: milliseconds of CPU and of the clock, and bytes of memory. */
export type Sample = Readonly<Record<string, number>>

export interface Answer {
  readonly sample: Sample
  readonly sizes?: Sizes
  /** Set where the time was over before the job was done: the sample is then the least it takes. */
  readonly isGivenUp?: true
  /** What is wrong with the state that was reached; null where it is as expected. */
  readonly difference: string | null
}

/** A measurement that takes longer has said enough. */
export const MEASUREMENT_LIMIT_MS = 60_000

const PROGRAM = fileURLToPath(new URL('run-job.ts', import.meta.url))

/**
 * Does one job in a process of its own. What is opened is opened cold, as by somebody who opens a
 * pipeline; what goes on for hours, receiving, is measured warm, with the first time beside it.
 * @throws Error when the process fails, or did not reach the expected steps and edges
 */
export async function doJob(job: Job): Promise<Answer> {
  const child = fork(PROGRAM, [JSON.stringify(job)], {
    execArgv: ['--import=tsx', '--expose-gc'],
  })
  let answer: Answer | null = null
  let isGivenUp = false
  child.on('message', (message) => (answer = message as Answer))
  const giveUp = () => (isGivenUp = child.kill('SIGKILL'))
  const timer = job.task === 'prepare' ? null : setTimeout(giveUp, MEASUREMENT_LIMIT_MS)
  const [code] = (await once(child, 'exit')) as [number | null]
  if (timer) clearTimeout(timer)
  if (isGivenUp) return givenUp(job)
  // Written by a listener, which the compiler cannot follow.
  const said = answer as Answer | null
  const what = `${job.contestant}, ${job.task}`
  if (code !== 0 || !said) throw new Error(`${what}: the process ended with ${code}`)
  if (said.difference) throw new Error(`${what}: not as expected: ${said.difference}`)
  return said
}

function givenUp({ task }: Job): Answer {
  const sample = { [`${task} cpu`]: MEASUREMENT_LIMIT_MS, [`${task} wall`]: MEASUREMENT_LIMIT_MS }
  return { sample, difference: null, isGivenUp: true }
}
