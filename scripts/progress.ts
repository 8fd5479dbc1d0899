/** How far a script is: a bar on a terminal, plain lines elsewhere; always beside the result. */
import { SingleBar, Presets } from 'cli-progress'

export interface Progress {
  /** A new phase begins whenever its name changes. */
  update(phase: string, done: number, total: number): void
  /** Nothing more comes: the next output begins on a line of its own. */
  end(): void
}

/** Shares of a phase, in percent, between two plain lines: a log should stay readable. */
const LINE_EVERY = 25

export function showProgress(unit: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? bar(unit, stream) : lines(unit, stream)
}

function bar(unit: string, stream: NodeJS.WriteStream): Progress {
  const format = `{phase} [{bar}] {percentage}% · {value}/{total} ${unit} · {eta_formatted} left`
  const shown = new SingleBar({ format, stream, hideCursor: true }, Presets.shades_classic)
  let current: string | null = null
  return {
    update(phase, done, total) {
      if (phase === current) return shown.update(done)
      shown.stop()
      current = phase
      shown.start(total, done, { phase: phase.padEnd(8) })
    },
    end: () => shown.stop(),
  }
}

function lines(unit: string, stream: NodeJS.WriteStream): Progress {
  let current: string | null = null
  let next = 0
  return {
    update(phase, done, total) {
      if (phase !== current) next = 0
      current = phase
      const share = total === 0 ? 100 : (100 * done) / total
      if (share < next) return
      stream.write(`${phase}: ${done} of ${total} ${unit}\n`)
      next = share >= 100 ? Infinity : LINE_EVERY * (Math.floor(share / LINE_EVERY) + 1)
    },
    end: () => undefined,
  }
}
