/** What ends the program: a signal. */
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

/**
 * Listens from now on. Imports nothing that takes long, so that a program can begin with it.
 * @returns a signal that is aborted with an EndWanted; a second signal of the system ends the
 *   process at once
 */
export function listenForEnd(): AbortSignal {
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // Whoever asks again does not want to wait.
      if (ending.signal.aborted) process.exit(1)
      ending.abort(new EndWanted(`Stopping at ${name}.`))
    })
  }
  return ending.signal
}
