/**
 * What ends the program: a signal, or the end of the npm that started it.
 *
 * npm hands a SIGTERM on to the shell between itself and us, and both end without a word to us. A
 * SIGINT it ignores, for a terminal sends that to all three.
 */
import { StartError } from './start-error.ts'

/** Somebody wants the program to end. The message is for a start that is still under way. */
export class EndWanted extends StartError {
  /** A sentence. */
  readonly why: string

  constructor(why: string) {
    super('Stopped before the start was over.')
    this.name = 'EndWanted'
    this.why = why
  }
}

/** Short against the three seconds in which everything ends. */
const LOOK_MS = 250

/**
 * Listens from now on. Imports nothing that takes long, so that a program can begin with it.
 * @returns a signal that is aborted with an EndWanted; a second signal of the system ends the
 *   process at once
 */
export function listenForEnd(env: NodeJS.ProcessEnv = process.env): AbortSignal {
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // Whoever asks again does not want to wait.
      if (ending.signal.aborted) process.exit(1)
      ending.abort(new EndWanted(`Stopping at ${name}.`))
    })
  }
  if (env['npm_lifecycle_event'] !== undefined) watchParent(ending)
  return ending.signal
}

/** Nobody tells a process that its parent has ended, but it is given to another one then. */
function watchParent(ending: AbortController): void {
  const parent = process.ppid
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    ending.abort(new EndWanted('Stopping, since the npm that started this has ended.'))
  }, LOOK_MS).unref()
}
